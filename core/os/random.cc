#include "core/os/random.h"

#include <random>

namespace litetool {

std::uint64_t random_id() {
  std::random_device random;
  return (std::uint64_t{random()} << 32 | random()) | 1;
}

}  // namespace litetool
