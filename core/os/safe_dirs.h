// Directories whose names survive a power cut.
#pragma once

#include <string>

#include "core/os/env.h"

namespace litetool {

// As Env::make_dirs; what had to be made is on the disk afterwards, all the way up, and so is the
// last one where somebody else made it.
Status make_safe_dirs(Env& env, int dir, const std::string& path, unsigned mode);

}  // namespace litetool
