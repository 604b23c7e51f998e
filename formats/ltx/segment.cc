#include "formats/ltx/segment.h"

#include "formats/base/text.h"
#include "formats/ltx/decoder.h"

namespace litetool::ltx {
namespace {

constexpr std::uint64_t kPageHeader = page_header_size(Variant::kV3Block);

// Where the frames end, as an offset in their image, by its page index at `span`: they stand
// without gaps from the header on.
Result<std::uint64_t> end_of_frames(const ByteSource& source, const IndexSpan& span) {
  LT_ASSIGN(const auto found, last_entry(source, span));
  const IndexEntry last = found.value_or(IndexEntry{0, kMaxHeaderSize, 0});
  const std::uint64_t most = span.begin - kPageHeader;
  if (last.offset < kMaxHeaderSize || last.offset > most || last.size > most - last.offset) {
    return Error::corrupt(span.begin, "page index describes more than stands before it");
  }
  return last.offset + last.size;
}

}  // namespace

Result<std::optional<ImageInfo>> SegmentReader::next() {
  if (offset_ >= source_->size()) return std::optional<ImageInfo>();
  LT_ASSIGN(FrameReader reader, FrameReader::open(*source_, Variant::kV3Block, offset_));
  LT_TRY(reader.skip_frames());
  LT_ASSIGN(const Tail tail, reader.finish());
  const ImageInfo image{offset_, tail.end - offset_, reader.header(), tail.trailer};
  offset_ = tail.end;
  return std::optional<ImageInfo>(image);
}

Result<ImageInfo> image_before(const ByteSource& source, std::uint64_t end) {
  LT_ASSIGN(const IndexSpan span, find_index(source, 0, end));
  LT_ASSIGN(const std::uint64_t frames_end, end_of_frames(source, span));
  ImageInfo image;
  image.offset = span.begin - kPageHeader - frames_end;
  image.size = end - image.offset;
  // First what stands at the end: a source that is read backwards is not sent to and fro.
  std::byte raw[kTrailerSize];
  LT_TRY(source.read_exact(raw, end - kTrailerSize));
  LT_ASSIGN(image.header, read_header(source, Variant::kV3Block, image.offset));
  image.trailer = {Checksum{load_be<std::uint64_t>(raw)},
                   Checksum{load_be<std::uint64_t>(raw + 8)}};
  if (auto ok = validate(image.trailer, image.header); !ok) {
    *ok.error().offset += end - kTrailerSize;
    return std::move(ok).error();
  }
  return image;
}

Result<SegmentEnd> find_segment_end(const ByteSource& source, std::uint64_t from) {
  SegmentEnd found;
  found.end = from;
  while (found.end < source.size()) {
    auto decoder = Decoder::open_as(source, Variant::kV3Block, found.end, Extent::kImage);
    Result<Tail> tail = decoder ? decoder->finish() : Result<Tail>(decoder.error());
    if (!tail) {
      if (tail.error().code != Errc::kCorrupt && tail.error().code != Errc::kUnsupported) {
        return std::move(tail).error();
      }
      found.damage = std::move(tail).error();
      const auto behind = image_before(source, source.size());
      found.torn = !behind || behind->offset <= found.end;
      return found;
    }
    found.last = ImageInfo{found.end, tail->end - found.end, decoder->header(), tail->trailer};
    found.end = tail->end;
    ++found.image_count;
  }
  return found;
}

}  // namespace litetool::ltx
