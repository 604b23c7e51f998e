// Files beside a database that is about to be put there.
#pragma once

#include <string>

#include "core/os/env.h"

namespace litetool {

// kFailed where a journal or a log of an earlier database of that name has bytes: SQLite would play
// them into the new one.
Status refuse_leftover_files(Env& env, const std::string& database);

}  // namespace litetool
