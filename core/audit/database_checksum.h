// The LTX checksum of a database file: FLAG | XOR of all page checksums, the lock page left out.
//
// Sums what is in the file; frames of a WAL beside it are not looked at. Pages are read in pieces
// of 256 KiB by several threads, so memory does not depend on the size of the database.
//
// The sum is an XOR of CRCs: two swapped pages, or one change made at the same offset of two pages,
// leave it as it is. The digest has no such blind spot.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "core/os/env.h"
#include "core/os/job.h"
#include "formats/base/crypto.h"
#include "formats/base/ids.h"

namespace litetool {

struct ChecksumRequest {
  std::uint32_t page_size = 0;  // bytes; 0 takes it from the database header
  bool digest = false;
};

struct PageSum {
  Pgno pgno = 0;
  Checksum checksum;
};

// Told the checksums of all pages but the lock page, ascending, many at a time.
class PageSumSink {
 public:
  virtual ~PageSumSink() = default;
  virtual Status pages(std::span<const PageSum> sums) = 0;
};

struct DatabaseChecksum {
  std::uint32_t page_size = 0;  // 0 for an empty file, unless it was given
  Pgno page_count = 0;
  Checksum checksum = kEmptyDatabase;
  // What the ltx tool up to 0.5.2 prints: it counts the lock page too. Set when the file has one.
  std::optional<Checksum> with_lock_page;
  // BLAKE2b-256 of the pages in order, without the lock page.
  std::optional<Digest> digest;
};

// kCorrupt when the file is no database (unless a page size is given), or not a whole number of
// pages. `sink` may be null.
Result<DatabaseChecksum> database_checksum(const Job& job, const File& file,
                                           const ChecksumRequest& request, PageSumSink* sink);

}  // namespace litetool
