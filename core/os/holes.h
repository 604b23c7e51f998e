// Where a file has no data: a file may claim to be far larger than any disk.
#pragma once

#include <cstdint>

#include "core/os/env.h"

namespace litetool {

// The first offset from `offset` on, which lies in the file, that may hold data; the size of the
// file where only a hole follows. `offset` itself where the file system cannot tell.
std::uint64_t next_data(const File& file, std::uint64_t offset);

}  // namespace litetool
