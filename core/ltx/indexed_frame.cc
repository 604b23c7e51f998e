#include "core/ltx/indexed_frame.h"

#include "formats/base/compress.h"
#include "formats/base/text.h"

namespace litetool {

Result<ltx::Frame> read_indexed_frame(const ByteSource& file, const ImageRef& image,
                                      const ltx::IndexEntry& entry, Buffer& raw) {
  const std::size_t head_size = ltx::page_header_size(image.header.variant);
  const std::size_t most =
      ltx::kMaxFrameHead + lz4_frame_bound(lz4_block_bound(image.header.page_size)) + 64;
  const std::uint64_t at = image.offset + entry.offset;
  if (entry.size < head_size || entry.size > most) {
    return Error::corrupt(at,
                          format("page %u: impossible frame size in the page index", entry.pgno));
  }
  raw.resize(entry.size);
  LT_TRY(file.read_exact(raw, at));
  ltx::Frame frame;
  frame.pgno = entry.pgno;
  frame.offset = entry.offset;
  frame.kind = ltx::PayloadKind::kLz4Frame;
  std::size_t head = head_size;
  ByteReader reader(raw);
  const auto pgno = reader.be<std::uint32_t>();
  if (pgno != entry.pgno) {
    return Error::corrupt(
        at, format("the page index says page %u, its frame says %u", entry.pgno, pgno));
  }
  if (ltx::is_v3(image.header.variant)) {
    const auto flags = reader.be<std::uint16_t>();
    if ((flags & ~ltx::kPageFlagSized) != 0) {
      return Error::corrupt(at + 4, format("page %u: unknown page flags 0x%04x", pgno, flags));
    }
    if (flags == ltx::kPageFlagSized) {
      const auto size = reader.be<std::uint32_t>();
      head = ltx::kMaxFrameHead;
      if (!reader.ok() || size != raw.size() - head) {
        return Error::corrupt(at + 6, format("page %u: size differs from the page index", pgno));
      }
      frame.kind = ltx::PayloadKind::kLz4Block;
    }
  }
  frame.head = Bytes(raw).first(head);
  frame.payload = Bytes(raw).subspan(head);
  return frame;
}

}  // namespace litetool
