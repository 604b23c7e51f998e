// A sequential view of a ByteSource with read-ahead, and of the LZ4 frame of v1-lz4 inside one.
//
// Reads start at 16 KiB and grow to 256 KiB, so that the many small images of a segment do not each
// cost a large read. They go into chunks that outlive the view for as long as somebody holds them,
// so that what was read need not be copied to be kept.
#pragma once

#include <memory>
#include <vector>

#include "formats/base/byte_source.h"
#include "formats/base/compress.h"

namespace litetool::ltx {

class ByteStream {
 public:
  using Chunk = std::shared_ptr<const Buffer>;

  // The bytes of `source`, which outlives this, from `offset` on.
  ByteStream(const ByteSource& source, std::uint64_t offset);
  // The content of the LZ4 frame at `offset`.
  static ByteStream lz4(const ByteSource& source, std::uint64_t offset);

  // At least `n` bytes from the current position (the view may be longer), or fewer only where the
  // bytes end. Valid until the next call. `n` must be at most kMaxView.
  static constexpr std::size_t kMaxView = 192 * 1024;
  Result<Bytes> view(std::size_t n);
  // What the last view lies in. Whoever holds it keeps those bytes as they are; the stream uses a
  // chunk again once nobody does. Let go of chunks on the thread that reads the stream.
  const Chunk& chunk() const { return chunk_; }
  // Moves on by `n`, at most the length of the last view.
  void advance(std::size_t n);
  // Reads no more than about `size` bytes at once, for those who read many streams.
  void limit_reads(std::size_t size);

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
  std::shared_ptr<Buffer> free_chunk(std::size_t size);
  Result<std::size_t> pull(MutableBytes out);
  Result<std::size_t> pull_lz4(MutableBytes out);
  Status pull_compressed();

  const ByteSource* source_;
  std::uint64_t next_;                           // offset in the source of the next read
  std::vector<std::shared_ptr<Buffer>> chunks_;  // all that are kept for use
  Chunk chunk_;                                  // the one that is read into
  std::byte* data_ = nullptr;                    // its bytes
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t read_size_;
  std::size_t largest_read_;
  bool exhausted_ = false;
  std::unique_ptr<Lz4> lz4_;
};

}  // namespace litetool::ltx
