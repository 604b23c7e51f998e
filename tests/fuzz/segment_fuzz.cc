// Segments: walked forward, backward from the end, and cut where they stop being good.
#include "formats/ltx/segment.h"

#include "tests/fuzz/fuzz.h"

namespace litetool::ltx {
namespace {

std::vector<ImageInfo> walk_forward(const ByteSource& source) {
  SegmentReader reader(source);
  std::vector<ImageInfo> images;
  while (true) {
    const std::uint64_t at = reader.position();
    const auto image = reader.next();
    if (!image || !image->has_value()) {
      require(reader.position() == at, "it stays before what is bad");
      break;
    }
    require((*image)->offset == at && (*image)->end() == reader.position(), "images adjoin");
    require((*image)->size > 0 && (*image)->end() <= source.size(), "an image is in the file");
    images.push_back(**image);
  }
  return images;
}

void read(Bytes input) {
  const MemorySource source(input);
  const std::vector<ImageInfo> forward = walk_forward(source);
  const auto end = find_segment_end(source);
  require(end.ok(), "memory does not fail");
  require(end->image_count <= forward.size(), "a good image has a good structure");
  require(end->end == (end->image_count == 0 ? 0 : forward[end->image_count - 1].end()),
          "the good part ends where its last image does");
  require(end->damage.has_value() == (end->end < source.size()), "what is left over is damage");
  if (end->image_count > 0) {
    const auto last = image_before(source, end->end);
    require(last.ok() && last->offset == forward[end->image_count - 1].offset,
            "backward finds the same image");
  }
  const auto any = image_before(source, source.size());
  require(!any || any->end() == source.size(), "backward begins at the end");
}

}  // namespace
}  // namespace litetool::ltx

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  litetool::ltx::read(litetool::fuzz_bytes(data, size));
  return 0;
}
