// Which files below a directory are SQLite databases.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "core/os/env.h"

namespace litetool {

// Calls `found` with the path, relative to `dir`, of every regular file that begins as a database
// does (or is empty and has a WAL beside it, which holds all of it). Symbolic links are not
// followed, the history folder is left out, and so is what lies deeper than 64 directories. A
// directory or file that cannot be read has no database that could be captured. Ends early once
// `stop` is set.
void find_databases(Env& env, int dir, const std::atomic<bool>& stop,
                    const std::function<void(const std::string& path)>& found);

}  // namespace litetool
