// Random-access bytes and appended bytes, wherever they are: what the codecs read from and write
// to.
//
// The layers above implement these over files; tests over memory. Calls on one object from several
// threads are allowed for ByteSource::read_at, not for ByteSink.
#pragma once

#include <algorithm>
#include <cstdint>

#include "formats/base/bytes.h"
#include "formats/base/result.h"

namespace litetool {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Fills `out` from `offset`; returns the bytes read, fewer than asked only at the end of the
  // source.
  virtual Result<std::size_t> read_at(MutableBytes out, std::uint64_t offset) const = 0;
  // Size in bytes when it was opened; a file that shrinks later yields short reads, never a crash.
  virtual std::uint64_t size() const = 0;

  // Fills all of `out` or fails with kCorrupt ("ends early") at `offset`.
  Status read_exact(MutableBytes out, std::uint64_t offset) const {
    LT_ASSIGN(const std::size_t n, read_at(out, offset));
    if (n != out.size()) return Error::corrupt(offset + n, "file ends early");
    return {};
  }
};

class ByteSink {
 public:
  virtual ~ByteSink() = default;
  // Appends all of `b`.
  virtual Status write(Bytes b) = 0;
};

// Memory that outlives the source.
class MemorySource : public ByteSource {
 public:
  explicit MemorySource(Bytes b) : bytes_(b) {}
  Result<std::size_t> read_at(MutableBytes out, std::uint64_t offset) const override {
    if (offset >= bytes_.size()) return std::size_t{0};
    const std::size_t n = std::min<std::size_t>(out.size(), bytes_.size() - offset);
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), n, out.begin());
    return n;
  }
  std::uint64_t size() const override { return bytes_.size(); }

 private:
  Bytes bytes_;
};

// A window [offset, offset + size) of another source, which outlives it: one image inside a
// segment.
class SourceSlice : public ByteSource {
 public:
  SourceSlice(const ByteSource& whole, std::uint64_t offset, std::uint64_t size)
      : whole_(whole), offset_(offset), size_(size) {}
  Result<std::size_t> read_at(MutableBytes out, std::uint64_t offset) const override {
    if (offset >= size_) return std::size_t{0};
    return whole_.read_at(out.first(std::min<std::size_t>(out.size(), size_ - offset)),
                          offset_ + offset);
  }
  std::uint64_t size() const override { return size_; }

 private:
  const ByteSource& whole_;
  std::uint64_t offset_;
  std::uint64_t size_;
};

class MemorySink : public ByteSink {
 public:
  Status write(Bytes b) override {
    buffer.insert(buffer.end(), b.begin(), b.end());
    return {};
  }
  Buffer buffer;
};

}  // namespace litetool
