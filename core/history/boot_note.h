// The file "boot": in which run of the machine a history was last at work. One line, the boot id of
// the kernel.
//
// A machine that went down may have taken commits from a database which its history has kept; in
// the same run of the machine an older database is somebody's wish.
#pragma once

#include <string>

#include "core/os/env.h"

namespace litetool {

// True when a history was at work in another run of the machine than this one; false where nothing
// is known.
Result<bool> machine_restarted(Env& env, int dir, const std::string& folder);
// Notes this run, on the disk.
Status note_boot(Env& env, int dir, const std::string& folder);

}  // namespace litetool
