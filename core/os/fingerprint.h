// Whether a file is still the one it was: what changes when somebody writes to it or replaces it.
#pragma once

#include <array>
#include <string>

#include "core/os/env.h"

namespace litetool {

// Size, mtime s, mtime ns, inode, device.
using FileFingerprint = std::array<std::uint64_t, 5>;

// All zero when there is no such file.
Result<FileFingerprint> fingerprint_of(Env& env, int dir, const std::string& path);

}  // namespace litetool
