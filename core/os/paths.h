// Parts of a path, and the absolute form of what somebody typed.
#pragma once

#include <string>

#include "core/os/env.h"

namespace litetool {

// "a/b" -> "a", "/b" -> "/", "b" -> ".": the directory that holds the name.
std::string directory_of(const std::string& path);
// What stands behind the last slash.
std::string last_part(const std::string& path);

// Absolute, with the links of its folder resolved; the file itself need not exist, and when it is a
// link it stays one. kUsage for a path that ends in a slash.
Result<std::string> absolute_path(const std::string& path);
// The same where folders on the way may be gone too, as those of a removed database.
Result<std::string> absolute_name(const std::string& path);
// What exists at the path, absolute and without links.
Result<std::string> resolved_path(const std::string& path);
// The same of a directory; fails for anything else.
Result<std::string> absolute_directory(const std::string& path);

// Both paths are there and lead to the same file.
bool is_same_file(Env& env, const std::string& a, const std::string& b);

}  // namespace litetool
