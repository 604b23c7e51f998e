// Dirty pages on their way to the disk early, so that a later sync finds little left to wait for.
#pragma once

#include "core/os/env.h"

namespace litetool {

// Asks the kernel to begin writing this range now; returns at once. A hint: it promises nothing
// about durability, and where it is not supported the sync just takes longer.
void start_writeback(const File& file, std::uint64_t offset, std::uint64_t size);

}  // namespace litetool
