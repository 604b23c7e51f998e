// Compression: LZ4 in the three shapes that LTX files use.
//
// Block: bare LZ4 sequences, no length and no checksum of their own. Frame: the LZ4 frame format;
// what is written here is always `04224d18 64 40 a7` (version 01, independent 64 KiB blocks,
// content checksum, no content size), blocks of u32le size (bit 31: stored as is) and data, u32le
// 0, u32le XXH32 of the content. What is read may be any legal frame. Stream: a frame of any length
// through bounded buffers.
//
// Errors carry no offset: the caller knows where in its file the bytes stand.
#pragma once

#include <cstdint>
#include <memory>

#include "formats/base/bytes.h"
#include "formats/base/result.h"

namespace litetool {

// Most bytes an LZ4 block of `n` bytes can take, and the same with a frame around one block.
constexpr std::size_t lz4_block_bound(std::size_t n) {
  return n + n / 255 + 16;
}
constexpr std::size_t kLz4FrameOverhead = 7 + 4 + 4 + 4;
constexpr std::size_t lz4_frame_bound(std::size_t n) {
  return n + kLz4FrameOverhead;
}
// Most bytes that one block of a frame written here may hold.
constexpr std::size_t kLz4FrameBlockMax = 65536;

// Compresses `in` (at most kLz4FrameBlockMax) into `out` (at least lz4_block_bound); returns the
// size. `acceleration` above 1 takes less time and more bytes.
std::size_t lz4_compress_block(Bytes in, MutableBytes out, int acceleration = 1);
// Decompresses all of `block` into exactly all of `out`; kCorrupt if it is not exactly that.
Status lz4_decompress_block(Bytes block, MutableBytes out);

// Writes one frame of one block (`in` at most kLz4FrameBlockMax, not empty) into `out`, which has
// at least lz4_block_bound(in.size()) + kLz4FrameOverhead bytes; returns the size.
std::size_t lz4_compress_frame(Bytes in, MutableBytes out);
// Decodes the frame at the front of `bytes` into exactly all of `out`, content checksum verified;
// returns the bytes the frame takes. Bytes behind the frame are not looked at.
Result<std::size_t> lz4_decompress_frame(Bytes bytes, MutableBytes out);

// Where the frame at the front of `bytes` ends, without decompressing.
struct Lz4FrameExtent {
  bool complete = false;
  std::size_t size = 0;  // complete: bytes of the frame; else: look again with at least this many
};
Result<Lz4FrameExtent> lz4_frame_extent(Bytes bytes);
// The data of the block if `frame` has exactly one, and that one is compressed; else empty.
Bytes lz4_frame_single_block(Bytes frame);

// Produces one frame in pieces.
class Lz4FrameEncoder {
 public:
  Lz4FrameEncoder();
  ~Lz4FrameEncoder();
  Lz4FrameEncoder(Lz4FrameEncoder&&) noexcept;
  Lz4FrameEncoder& operator=(Lz4FrameEncoder&&) noexcept;

  // Each appends what is ready to `out`: begin once, update any number of times, end once.
  Status begin(Buffer& out);
  Status update(Bytes in, Buffer& out);
  Status end(Buffer& out);

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

// Decodes one frame in pieces.
class Lz4FrameDecoder {
 public:
  Lz4FrameDecoder();
  ~Lz4FrameDecoder();
  Lz4FrameDecoder(Lz4FrameDecoder&&) noexcept;
  Lz4FrameDecoder& operator=(Lz4FrameDecoder&&) noexcept;

  struct Progress {
    std::size_t consumed = 0;
    std::size_t produced = 0;
    bool done = false;  // the frame has ended; bytes behind it were not consumed
  };
  // Takes from `in`, fills `out`. kCorrupt for bytes that are no frame or whose checksum is wrong.
  Result<Progress> decode(Bytes in, MutableBytes out);

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace litetool
