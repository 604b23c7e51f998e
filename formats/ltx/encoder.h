// Writes one LTX image: v1-raw, v1-lz4, v2, v3-frame or v3-block, with or without database
// checksums.
//
// Memory: one output buffer, and about 3 bytes a page for the page index. Every rule that the
// reader enforces is enforced here before the bytes are written.
#pragma once

#include <memory>

#include "formats/ltx/file_checksum.h"

namespace litetool::ltx {

class Encoder {
 public:
  // Writes the header, whose variant says what is written. `flags` needs only kFlagNoChecksum; the
  // LZ4 flag follows from the variant. kUnsupported for a variant that is only read. The sink
  // outlives this.
  static Result<Encoder> start(ByteSink& sink, Header header);

  const Header& header() const { return header_; }

  // The next page, in ascending order; exactly page_size bytes.
  Status add_page(Pgno pgno, Bytes page);
  // The same for a frame prepared (by any thread) for this variant and page size.
  Status add_prepared(const PreparedFrame& frame);
  // Index and trailer. `post_apply`: database checksum after this file, 0 without checksums.
  Result<Trailer> finish(Checksum post_apply);

  std::uint64_t page_count() const { return page_count_; }
  // All bytes of the image so far; its size after finish().
  std::uint64_t bytes_written() const { return flushed_ + out_.size(); }

 private:
  Encoder(ByteSink& sink, const Header& header);
  Status put(Bytes b);
  Status flush();
  Status end_pages();

  ByteSink* sink_;
  Header header_;
  FileChecksum file_;
  PageOrder order_;
  IndexBuilder index_;
  std::unique_ptr<Lz4FrameEncoder> lz4_;  // v1-lz4
  PreparedFrame scratch_;
  Buffer out_;
  std::uint64_t flushed_ = 0;
  std::uint64_t page_count_ = 0;
  bool finished_ = false;
};

}  // namespace litetool::ltx
