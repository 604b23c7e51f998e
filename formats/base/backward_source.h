// A source that is read from its end to its beginning, in small pieces: each read takes along what
// stands before it. That is much where the pieces adjoin, and little where most is passed over.
#pragma once

#include <algorithm>

#include "formats/base/byte_source.h"

namespace litetool {

// Used by one thread at a time.
class BackwardSource : public ByteSource {
 public:
  // `source` outlives this.
  explicit BackwardSource(const ByteSource& source) : source_(source) {}
  std::uint64_t size() const override { return source_.size(); }
  Result<std::size_t> read_at(MutableBytes out, std::uint64_t offset) const override {
    const std::uint64_t end = offset + out.size();
    if (out.size() > kSmallWindow / 2 || end > size()) return source_.read_at(out, offset);
    if (offset < begin_ || end > begin_ + bytes_.size()) {
      const bool is_next = end <= begin_ + bytes_.size() && begin_ - std::min(begin_, end) < size_;
      size_ = is_next ? std::min(2 * size_, kLargeWindow) : kSmallWindow;
      begin_ = end - std::min<std::uint64_t>(end, size_);
      bytes_.resize(end - begin_);
      LT_ASSIGN(const std::size_t n, source_.read_at(bytes_, begin_));
      bytes_.resize(n);
      if (end > begin_ + n) return source_.read_at(out, offset);
    }
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset - begin_), out.size(),
                out.begin());
    return out.size();
  }

 private:
  static constexpr std::size_t kSmallWindow = std::size_t{4} << 10;
  static constexpr std::size_t kLargeWindow = std::size_t{128} << 10;

  const ByteSource& source_;
  mutable Buffer bytes_;
  mutable std::uint64_t begin_ = 0;
  mutable std::size_t size_ = kSmallWindow;  // of the next window
};

}  // namespace litetool
