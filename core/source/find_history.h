// From the path of a database to its history, the way git finds .git.
#pragma once

#include <string>

#include "core/os/env.h"

namespace litetool {

struct HistoryPlace {
  std::string directory;  // the one that has .litetool
  std::string database;   // path of the database relative to it
  std::string folder;     // of the history, relative to it
};

// Walks up from an absolute path without "." and ".." parts; the file itself need not exist.
// kNotFound when no directory above has a history folder.
Result<HistoryPlace> find_history(Env& env, const std::string& absolute_path);

}  // namespace litetool
