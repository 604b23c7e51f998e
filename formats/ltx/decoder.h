// Reads one LTX image page by page and enforces every rule, the checksums included. Serial; where
// pages are to be decoded by several threads, use FrameReader, decode_frame() and ImageVerifier
// directly.
#pragma once

#include "formats/ltx/detect.h"
#include "formats/ltx/file_checksum.h"

namespace litetool::ltx {

class Decoder {
 public:
  // Detects the variant. The source outlives the decoder.
  static Result<Decoder> open(const ByteSource& source, std::uint64_t offset = 0,
                              Extent extent = Extent::kWholeFile);
  // Reads it as `variant`, whatever it looks like.
  static Result<Decoder> open_as(const ByteSource& source, Variant variant,
                                 std::uint64_t offset = 0, Extent extent = Extent::kWholeFile);

  const Header& header() const { return reader_.header(); }
  Bytes header_bytes() const { return reader_.header_bytes(); }

  // The next page into `page` (exactly page_size bytes); its number, or 0 behind the last. The lock
  // page of old files is passed over. Nothing is proven before finish() succeeds.
  Result<Pgno> next(MutableBytes page);
  // Reads what is left and verifies. Until this succeeds no page may be trusted.
  Result<Tail> finish();

 private:
  Decoder(FrameReader reader, const ByteSource& source, Extent extent);

  FrameReader reader_;
  ImageVerifier verifier_;
  const ByteSource* source_;
  Extent extent_;
  FrameBatch batch_;
  std::size_t next_frame_ = 0;
};

// Reads and verifies a whole image.
struct VerifiedImage {
  Header header;
  Tail tail;
};
Result<VerifiedImage> verify_image(const ByteSource& source, std::uint64_t offset = 0,
                                   Extent extent = Extent::kWholeFile);

}  // namespace litetool::ltx
