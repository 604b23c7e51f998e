// An input as a script: numbers and bytes, one after another. Behind its end everything is 0.
#pragma once

#include <algorithm>

#include "formats/base/bytes.h"

namespace litetool {

class Script {
 public:
  explicit Script(Bytes input) : rest_(input) {}

  bool is_over() const { return rest_.empty(); }
  unsigned byte() {
    if (rest_.empty()) return 0;
    const auto value = static_cast<unsigned>(rest_.front());
    rest_ = rest_.subspan(1);
    return value;
  }
  // Mostly small; after a byte of 255 any.
  std::uint32_t number() {
    const std::uint32_t small = byte();
    if (small != 255) return small;
    std::uint32_t any = 0;
    for (int i = 0; i < 4; ++i) any = any << 8 | byte();
    return any;
  }
  // Up to `most` bytes: as many as the next number says, or as there are.
  Bytes bytes(std::size_t most) {
    const std::size_t size = std::min<std::size_t>({number(), most, rest_.size()});
    const Bytes taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }

 private:
  Bytes rest_;
};

}  // namespace litetool
