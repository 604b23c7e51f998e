// A segment (`.ltxs`): complete v3-block images one after another, nothing before, between or
// behind them.
//
// Each image is a valid `.ltx` file when cut out. Forward, an image's end is found by walking its
// frames; backward, by its page index: u64 index length at end-24, and since frames stand without
// gaps from offset 100 on, the last entry's offset + size + 6 is where the index starts in the
// image.
#pragma once

#include <optional>

#include "formats/ltx/frame_reader.h"

namespace litetool::ltx {

struct ImageInfo {
  std::uint64_t offset = 0;  // in the segment
  std::uint64_t size = 0;
  Header header;
  Trailer trailer;
  std::uint64_t end() const { return offset + size; }
};

// Steps over the images from `offset` on. Structure only: no page is decompressed, no checksum
// compared.
class SegmentReader {
 public:
  explicit SegmentReader(const ByteSource& source, std::uint64_t offset = 0)
      : source_(&source), offset_(offset) {}
  // The next image; nothing at the end of the source. After an error it stays before the bad image.
  Result<std::optional<ImageInfo>> next();
  std::uint64_t position() const { return offset_; }

 private:
  const ByteSource* source_;
  std::uint64_t offset_;
};

// The image that ends at `end`, from the last entry of its index, its header and its trailer alone.
Result<ImageInfo> image_before(const ByteSource& source, std::uint64_t end);

// How far a segment is good.
struct SegmentEnd {
  std::uint64_t end = 0;          // where the last good image ends
  std::uint64_t image_count = 0;  // good images from the start of the scan
  std::optional<ImageInfo> last;  // the last of them
  std::optional<Error> damage;    // what stands at `end`, if that is not the end of the source
  bool torn = false;  // damage, and no whole image behind it: an append that did not finish
};
// Verifies every image from `from` (the start of an image), checksums included, up to the first bad
// one. Fails only if the source cannot be read.
Result<SegmentEnd> find_segment_end(const ByteSource& source, std::uint64_t from = 0);

}  // namespace litetool::ltx
