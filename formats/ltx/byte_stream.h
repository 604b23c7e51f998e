// A sequential view of a ByteSource with read-ahead, and of the LZ4 frame of v1-lz4 inside one.
//
// Reads start at 16 KiB and grow to 256 KiB, so that the many small images of a segment do not each
// cost a large read.
#pragma once

#include <memory>

#include "formats/base/byte_source.h"
#include "formats/base/compress.h"

namespace litetool::ltx {

class ByteStream {
 public:
  // The bytes of `source`, which outlives this, from `offset` on.
  ByteStream(const ByteSource& source, std::uint64_t offset);
  // The content of the LZ4 frame at `offset`.
  static ByteStream lz4(const ByteSource& source, std::uint64_t offset);

  // At least `n` bytes from the current position (the view may be longer), or fewer only where the
  // bytes end. Valid until the next call. `n` must be at most kMaxView.
  static constexpr std::size_t kMaxView = 192 * 1024;
  Result<Bytes> view(std::size_t n);
  // Moves on by `n`, at most the length of the last view.
  void advance(std::size_t n);

  // Offset in the source of the current position. Of an LZ4 stream: of its first byte not yet read.
  std::uint64_t source_offset() const;
  // LZ4 only: true once the frame has ended and all its content was consumed. Reads on if it must.
  Result<bool> at_end();

 private:
  // The decompressor behind an LZ4 stream.
  struct Lz4 {
    Lz4FrameDecoder decoder;
    Buffer in;
    std::size_t in_begin = 0;
    bool done = false;
  };

  Status fill(std::size_t n);
  Result<std::size_t> pull(MutableBytes out);
  Result<std::size_t> pull_lz4(MutableBytes out);
  Status pull_compressed();

  const ByteSource* source_;
  std::uint64_t next_;  // offset in the source of the next read
  Buffer buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t read_size_;
  bool exhausted_ = false;
  std::unique_ptr<Lz4> lz4_;
};

}  // namespace litetool::ltx
