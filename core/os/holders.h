// Who has files open below a directory: what a person has to end before it can be unmounted.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace litetool {

struct Holder {
  pid_t pid;
  std::string program;  // its short name
  std::string path;     // one of the files it holds, or its working directory
};

// Processes that hold a file or directory by a path at or below `directory` (absolute): open,
// mapped, or as working directory. With `mount_id` (see MountEntry) only what is in that mount,
// which the path does not tell where a directory is mounted over itself. Only processes that we may
// look at; never this one.
std::vector<Holder> holders_below(const std::string& directory,
                                  std::optional<std::uint64_t> mount_id = std::nullopt);

// "sqlite3 (pid 41, app.db), bash (pid 7)", at most `most` of them, with paths relative to the
// directory; empty for none.
std::string holders_text(const std::vector<Holder>& holders, const std::string& directory,
                         std::size_t most = 5);

}  // namespace litetool
