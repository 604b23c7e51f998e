// What one file says about itself, for each kind of file: header, counts, and the first damage.
//
// A summary is made of files of any size with bounded memory. Damage behind a readable header is
// part of the summary, so that what is sound can still be shown; a header that cannot be read is an
// error.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/os/job.h"
#include "formats/ltx/decoder.h"
#include "formats/sqlite/journal.h"
#include "formats/sqlite/page_lookup.h"
#include "formats/sqlite/wal.h"
#include "formats/sqlite/wal_index.h"

namespace litetool {

struct DatabaseSummary {
  FileHeader header;
  std::uint32_t file_pages = 0;  // a partial page at the end counted
  std::optional<Error> damage;
};
Result<DatabaseSummary> summarise_database(const ByteSource& file);

// A view of the pages in a database file; file and `page` outlive it. The view's size is the
// header's where that is valid, but never more than the whole pages of the file.
DatabaseView view_of_file(const ByteSource& file, const FileHeader& header, Buffer& page);

struct WalSummary {
  WalHeader header;
  std::uint32_t frames = 0;        // whole frames in the file
  std::uint32_t valid_frames = 0;  // the chain holds up to here
  WalState committed;              // after the last commit
  std::uint32_t transactions = 0;
  std::uint32_t size_pages = 0;     // of the database after the last commit; 0 = none
  std::optional<FrameVerdict> end;  // of the frame that ends the valid part, if one does
  std::optional<Error> damage;      // commits behind the valid part that cannot be read
};
Result<WalSummary> summarise_wal(const ByteSource& file, const Job& job);

struct WalIndexSummary {
  WalIndexLook look;
  std::optional<Error> damage;
};
Result<WalIndexSummary> summarise_wal_index(const ByteSource& file);

struct JournalSummary {
  JournalState state = JournalState::kForeign;
  std::optional<JournalHeader> header;  // of the first segment; none when it is finalised
  std::uint32_t segments = 0;
  std::uint64_t records = 0;  // valid ones
  std::optional<std::string> super_journal;
  std::optional<Error> damage;
};
// `page_size` is the database's, 0 = not known: only a finalised journal needs it.
Result<JournalSummary> summarise_journal(const ByteSource& file, std::uint32_t page_size,
                                         const Job& job);

struct ImageSummary {
  std::uint64_t offset = 0;  // in the file
  std::uint64_t size = 0;    // bytes
  ltx::Header header;
  ltx::Tail tail;
};
struct LtxSummary {
  std::vector<ImageSummary> images;  // verified, in the order of the file
  std::optional<Error> damage;
};
// Verifies every image, checksums included. A plain file is one image; a segment any number.
Result<LtxSummary> summarise_ltx(const ByteSource& file, ltx::Extent extent, const Job& job);

}  // namespace litetool
