#include "formats/ltx/segment.h"

#include "formats/base/text.h"
#include "formats/ltx/decoder.h"

namespace litetool::ltx {
namespace {

constexpr std::uint64_t kPageHeader = page_header_size(Variant::kV3Block);

// Reads the index at `span`; frames must stand without gaps from the header on. Sets
// `first_byte_after` to the offset in the image where the frames end.
Result<std::uint64_t> count_pages(const ByteSource& source, const IndexSpan& span,
                                  std::uint64_t& first_byte_after) {
  IndexReader index(source, span.begin, span.end);
  std::uint64_t pages = 0;
  Pgno last = 0;
  first_byte_after = kMaxHeaderSize;
  for (IndexEntry entry;;) {
    const std::uint64_t at = index.position();
    LT_ASSIGN(const bool more, index.next(entry));
    if (!more) return pages;
    if (entry.pgno <= last || entry.offset != first_byte_after || entry.size > span.begin) {
      return Error::corrupt(at, "page index does not describe frames without gaps");
    }
    last = entry.pgno;
    first_byte_after += entry.size;
    ++pages;
  }
}

}  // namespace

Result<std::optional<ImageInfo>> SegmentReader::next() {
  if (offset_ >= source_->size()) return std::optional<ImageInfo>();
  LT_ASSIGN(FrameReader reader, FrameReader::open(*source_, Variant::kV3Block, offset_));
  LT_TRY(reader.skip_frames());
  LT_ASSIGN(const Tail tail, reader.finish());
  const ImageInfo image{offset_, tail.end - offset_, reader.header(), tail.trailer,
                        tail.page_count};
  offset_ = tail.end;
  return std::optional<ImageInfo>(image);
}

Result<ImageInfo> image_before(const ByteSource& source, std::uint64_t end) {
  LT_ASSIGN(const IndexSpan span, find_index(source, 0, end));
  ImageInfo image;
  std::uint64_t frames_end = 0;
  LT_ASSIGN(image.page_count, count_pages(source, span, frames_end));
  if (frames_end + kPageHeader > span.begin) {
    return Error::corrupt(span.begin, "page index describes more than stands before it");
  }
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
    found.last = ImageInfo{found.end, tail->end - found.end, decoder->header(), tail->trailer,
                           tail->page_count};
    found.end = tail->end;
    ++found.image_count;
  }
  return found;
}

}  // namespace litetool::ltx
