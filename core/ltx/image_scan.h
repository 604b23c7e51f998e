// One LTX image read from end to end: structure, and where asked the contents, by several threads.
//
// Frames are read in batches on the caller's thread, decompressed and summed on any, and put into
// the file checksum in order. Memory: a few batches of 1 MiB for each thread, whatever the size.
#pragma once

#include <cstdint>
#include <span>

#include "core/os/job.h"
#include "formats/base/byte_source.h"
#include "formats/ltx/detect.h"
#include "formats/ltx/file_checksum.h"

namespace litetool {

// Takes the pages of an image as they are decoded.
class PageConsumer {
 public:
  virtual ~PageConsumer() = default;
  // Called on any thread, by several at once, each page exactly once; batches come in any order.
  // `pages` holds the pages of `frames`, which ascend, one behind the other; both are valid until
  // the call returns. The lock page that old files may have is among them. Nothing is proven yet:
  // the file checksum is only known when scan_image() returns. The first error ends the scan.
  virtual Status pages(std::span<const ltx::Frame> frames, Bytes pages) = 0;
};

// How much of an image is looked at.
enum class ScanDepth : std::uint8_t {
  kStructure,  // header, frames, order of pages, index, trailer; nothing is decompressed
  kContent,    // and every page, the file checksum, a snapshot's database checksum
};

struct ImageReport {
  ltx::Header header;
  ltx::Tail tail;
  std::uint64_t offset = 0;  // in the source
  std::uint64_t size() const { return tail.end - offset; }
  // From this page on every page up to commit is in the image, the lock page excepted; commit + 1
  // when the last one is not. An image that grows a database from n pages needs tail_run <= n + 1.
  std::uint64_t tail_run = 1;
  // A snapshot whose post-apply is that of ltx 0.5.2 and older, which counted the lock page.
  bool counts_lock_page = false;
};

struct ScanOptions {
  std::uint64_t offset = 0;
  ltx::Extent extent = ltx::Extent::kWholeFile;
  ScanDepth depth = ScanDepth::kContent;
  PageConsumer* consumer = nullptr;  // with kContent; may be null
};

// Errors carry the offset in the source, and are those of formats/ltx: kCorrupt, kUnsupported, or
// what the source itself reports. Bytes behind a whole file are corrupt.
Result<ImageReport> scan_image(const Job& job, const ByteSource& source,
                               const ScanOptions& options);

// Variant and header alone.
Result<ltx::Header> read_image_header(const ByteSource& source, std::uint64_t offset = 0,
                                      ltx::Extent extent = ltx::Extent::kWholeFile);

}  // namespace litetool
