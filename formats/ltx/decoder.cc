#include "formats/ltx/decoder.h"

#include "formats/base/text.h"

namespace litetool::ltx {

Decoder::Decoder(FrameReader reader, const ByteSource& source, Extent extent)
    : reader_(std::move(reader)),
      verifier_(reader_.header(), reader_.header_bytes()),
      source_(&source),
      extent_(extent) {}

Result<Decoder> Decoder::open(const ByteSource& source, std::uint64_t offset, Extent extent) {
  LT_ASSIGN(const Variant variant, detect_variant(source, offset, extent));
  return open_as(source, variant, offset, extent);
}

Result<Decoder> Decoder::open_as(const ByteSource& source, Variant variant, std::uint64_t offset,
                                 Extent extent) {
  LT_ASSIGN(FrameReader reader, FrameReader::open(source, variant, offset));
  return Decoder(std::move(reader), source, extent);
}

Result<Pgno> Decoder::next(MutableBytes page) {
  if (page.size() != header().page_size) {
    return Error(Errc::kFailed, format("page buffer has %zu bytes, page size is %u", page.size(),
                                       header().page_size));
  }
  for (;;) {
    if (next_frame_ == batch_.size()) {
      next_frame_ = 0;
      LT_ASSIGN(const bool more, reader_.read_batch(batch_));
      if (!more) return Pgno{0};
    }
    const Frame& frame = batch_.frames()[next_frame_++];
    LT_ASSIGN(const std::uint64_t crc, decode_frame(frame, page));
    verifier_.add(frame, crc);
    if (frame.pgno != header().lock_pgno()) return frame.pgno;
  }
}

Result<Tail> Decoder::finish() {
  Buffer page(header().page_size);
  for (;;) {
    LT_ASSIGN(const Pgno pgno, next(page));
    if (pgno == 0) break;
  }
  LT_ASSIGN(const Tail tail, reader_.finish());
  LT_TRY(verifier_.finish(tail));
  if (extent_ == Extent::kWholeFile && tail.end != source_->size()) {
    return Error::corrupt(tail.end, "bytes behind the trailer");
  }
  return tail;
}

Result<VerifiedImage> verify_image(const ByteSource& source, std::uint64_t offset, Extent extent) {
  LT_ASSIGN(Decoder decoder, Decoder::open(source, offset, extent));
  LT_ASSIGN(const Tail tail, decoder.finish());
  return VerifiedImage{decoder.header(), tail};
}

}  // namespace litetool::ltx
