// From the path of a database to its history, the way git finds .git.
#pragma once

#include <string>

#include "core/os/env.h"

namespace litetool {

struct HistoryPlace {
  std::string history;    // absolute folder of all of a directory's histories
  std::string directory;  // absolute; the one that they belong to
  std::string database;   // what was named, relative to the directory
  std::string folder;     // absolute, of the history of that database
};

// True for the folder of a directory's histories: .litetool, or the one that a mount was given. An
// error where that cannot be told: it is there, say, and closed to us.
Result<bool> is_history(Env& env, const std::string& path);

// Walks up from an absolute path without "." and ".." parts to a directory with .litetool, or to a
// history itself; the file itself need not exist. kNotFound when there is none above.
Result<HistoryPlace> find_history(Env& env, const std::string& absolute_path);

}  // namespace litetool
