// Walks the structure of one LTX image without decompressing pages (v1-lz4 apart, whose page block
// is one LZ4 stream: its frames come out raw). The pages are decoded by decode_frame(), by whoever
// has threads.
//
// Memory does not depend on the size of the file; the page index is compared with the frames by
// digest. Every rule that can be seen without the page contents is enforced, with the offset in the
// source of what breaks it. Not checked here: file checksum and database checksum (ImageVerifier),
// bytes behind the image (Decoder).
#pragma once

#include <memory>

#include "formats/base/byte_source.h"
#include "formats/ltx/byte_stream.h"
#include "formats/ltx/frame.h"
#include "formats/ltx/header.h"
#include "formats/ltx/page_index.h"
#include "formats/ltx/page_order.h"

namespace litetool::ltx {

// What stands behind the pages.
struct Tail {
  Trailer trailer;
  std::uint64_t end = 0;         // offset in the source just behind the image
  std::uint64_t page_count = 0;  // frames read
  bool has_lock_page = false;    // tolerated in old files; worth a warning
  // CRC (from 0) and length of what the file checksum covers behind the last page.
  std::uint64_t crc = 0;
  std::uint64_t hashed_size = 0;
};

class FrameReader {
 public:
  // Reads the header of the image of this variant at `offset` of the source, which outlives the
  // reader. See detect.h where the variant is not known.
  static Result<FrameReader> open(const ByteSource& source, Variant variant,
                                  std::uint64_t offset = 0);

  const Header& header() const { return header_; }
  // As stored; what the file checksum begins with.
  Bytes header_bytes() const { return Bytes(header_bytes_).first(header_size(header_.variant)); }

  // The next frames, at most FrameBatch::kMaxFrames and kMaxBytes; false when there are no more.
  Result<bool> read_batch(FrameBatch& batch);
  // Passes over all frames that are left.
  Status skip_frames();
  // Index and trailer, once all frames were read or skipped.
  Result<Tail> finish();

 private:
  // A frame at the current position; pgno 0 for the end of the page block.
  struct Found {
    Frame frame;
    Bytes bytes;
    std::size_t head_size = 0;
  };

  FrameReader(const ByteSource& source, std::uint64_t offset, const Header& header);
  Status open_v01();
  Result<Bytes> need(std::size_t n, const char* inside);
  Result<Found> find_frame();
  Result<Found> find_v01_frame();
  Result<Found> find_v2_frame(const Frame& frame);
  Result<Found> find_v3_frame(Frame frame);
  Result<Found> find_block_frame(Frame frame);
  Result<Found> find_lz4_frame(const Frame& frame, std::size_t head_size);
  Status accept(const Found& found);
  Status end_pages();
  Status read_index(Tail& tail);
  Error explain_index_mismatch(std::uint64_t begin, std::uint64_t end) const;
  Error at(std::uint64_t image_offset, Error e) const;

  const ByteSource* source_;
  std::uint64_t start_;  // of the image in the source
  Header header_;
  HeaderBytes header_bytes_{};
  ByteStream pages_;
  std::unique_ptr<ByteStream> v01_heads_;
  PageOrder order_;
  IndexExpectation index_;
  std::uint64_t frame_offset_;  // of the next frame from the start of the image
  std::uint64_t page_count_ = 0;
  bool pages_ended_ = false;
};

}  // namespace litetool::ltx
