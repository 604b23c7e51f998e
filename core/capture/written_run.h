// Writes that follow one another in a file, for an early start of what a sync will wait for.
#pragma once

#include <cstdint>

namespace litetool {

struct ByteRange {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

class WrittenRun {
 public:
  // Bytes [offset, offset + size) were written. Returns what has become long enough to go to the
  // disk in one piece, empty mostly. Writes here and there never do: they are often repeated.
  ByteRange written(std::uint64_t offset, std::uint64_t size) {
    if (offset != run_.offset + run_.size) run_ = {offset, 0};
    run_.size += size;
    if (run_.size < kLong) return {};
    const ByteRange ready = run_;
    run_ = {offset + size, 0};
    return ready;
  }

 private:
  static constexpr std::uint64_t kLong = std::uint64_t{1} << 20;
  ByteRange run_;
};

}  // namespace litetool
