// Numbers that no other machine draws.
#pragma once

#include <cstdint>

namespace litetool {

// Never 0.
std::uint64_t random_id();

}  // namespace litetool
