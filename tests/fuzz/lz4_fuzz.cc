// LZ4 blocks, frames and streams. The first two bytes of the input choose the size that is
// expected.
#include "formats/base/compress.h"
#include "tests/fuzz/fuzz.h"

namespace litetool {
namespace {

constexpr std::size_t kMaxStream = std::size_t{1} << 17;

void check_round_trip(Bytes input) {
  input = input.first(std::min(input.size(), kLz4FrameBlockMax));
  if (input.empty()) return;
  Buffer packed(lz4_block_bound(input.size()) + kLz4FrameOverhead);
  Buffer page(input.size());
  const std::size_t block = lz4_compress_block(input, packed);
  require(lz4_decompress_block(Bytes(packed).first(block), page).ok(), "a block reads back");
  require(std::equal(page.begin(), page.end(), input.begin()), "a block keeps its content");
  const std::size_t frame = lz4_compress_frame(input, packed);
  const auto consumed = lz4_decompress_frame(packed, page);
  require(consumed.ok() && *consumed == frame, "a frame reads back to its end");
  require(std::equal(page.begin(), page.end(), input.begin()), "a frame keeps its content");
}

// All of a stream up to a limit; nothing if it is damaged or longer.
std::optional<Buffer> read_stream(Bytes in) {
  Lz4FrameDecoder decoder;
  Buffer out(kMaxStream);
  std::size_t size = 0;
  for (std::size_t idle = 0; size < out.size() && idle < 3;) {
    const auto progress = decoder.decode(in, MutableBytes(out).subspan(size));
    if (!progress) return std::nullopt;
    require(progress->consumed <= in.size(), "no more is taken than was given");
    in = in.subspan(progress->consumed);
    size += progress->produced;
    require(size <= out.size(), "no more is written than there is room for");
    if (progress->done) {
      out.resize(size);
      return out;
    }
    idle = progress->consumed + progress->produced == 0 ? idle + 1 : 0;
  }
  return std::nullopt;
}

void read(Bytes input) {
  if (input.size() < 2) return;
  const std::size_t size = std::size_t{load_le<std::uint16_t>(input.data())} + 1;
  const Bytes rest = input.subspan(2);
  check_round_trip(rest);
  Buffer page(size);
  const Status block = lz4_decompress_block(rest, page);
  static_cast<void>(block);
  const auto extent = lz4_frame_extent(rest);
  const auto frame = lz4_decompress_frame(rest, page);
  if (frame) {
    require(*frame <= rest.size(), "a frame ends in the bytes");
    require(extent.ok() && extent->complete && extent->size == *frame, "both see the same end");
    const auto stream = read_stream(rest);
    require(stream && *stream == page, "a stream yields the same");
  }
  if (extent && extent->complete) {
    require(extent->size <= rest.size(), "a complete frame is there");
    lz4_frame_single_block(rest.first(extent->size));
  }
  read_stream(rest);
}

}  // namespace
}  // namespace litetool

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  litetool::read(litetool::fuzz_bytes(data, size));
  return 0;
}
