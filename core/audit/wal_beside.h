// Whether the newest transactions of a database stand only in the WAL beside it.
#pragma once

#include <cstdint>
#include <string>

#include "core/os/env.h"

namespace litetool {

// Frames up to the last valid commit frame in "PATH-wal"; 0 when there is no such file, or when
// SQLite would take it as empty.
Result<std::uint64_t> wal_frames_beside(Env& env, const std::string& path);

}  // namespace litetool
