// A part of a file mapped into memory for reading: no copy out of the page cache, which is what
// summing a cached file costs most.
//
// A mapping has a trap: when another program cuts the file, touching what is gone raises SIGBUS.
// The handler that this installs puts zeros there and marks the mapping, so the reader sees zeros,
// asks intact(), and reads the file the ordinary way to learn what became of it. Signals for any
// other address keep what they did before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "formats/base/bytes.h"

namespace litetool {

class MappedBytes {
 public:
  MappedBytes() = default;
  MappedBytes(MappedBytes&& other) noexcept { swap(other); }
  MappedBytes& operator=(MappedBytes&& other) noexcept {
    swap(other);
    return *this;
  }
  ~MappedBytes() { reset(); }

  // Maps [offset, offset + size) of the file if it is in the page cache, as far as a few looks
  // tell. Empty if it is not, if the offset is not at a page of memory, or if nothing more can be
  // mapped.
  static MappedBytes cached(int fd, std::uint64_t offset, std::size_t size);

  bool empty() const { return size_ == 0; }
  Bytes bytes() const { return {data_, size_}; }
  // False if a part of the file was gone when it was read.
  bool intact() const;
  void reset();

 private:
  void swap(MappedBytes& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(slot_, other.slot_);
  }

  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t slot_ = 0;  // in the table that the signal handler searches
};

}  // namespace litetool
