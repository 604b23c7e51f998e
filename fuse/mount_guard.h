// What has to be true before a directory is mounted: no dead mount covers it, and nobody has one of
// its databases open.
//
// Locks live in the mount. A program that opened a database before would not see the locks of those
// that open it through the mount, nor they its locks: two writers, one file.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "core/os/env.h"
#include "formats/base/result.h"

namespace litetool {

// Whether the program that served the mount at this path has died.
bool is_dead_mount(const std::string& path);

// Takes away a mount of ours at `mount_point` (absolute) whose program has died; others are left.
Status clear_dead_mount(const std::string& mount_point,
                        const std::function<void(const std::string&)>& warn);

// Looks at each database below `directory` (open as `root`) and at its WAL. kFailed, with program
// and pid, when another process has one of them open for longer than a moment.
// Sees those that it had found when `stop` was set.
Status refuse_open_databases(Env& env, int root, const std::string& directory,
                             const std::atomic<bool>& stop);

}  // namespace litetool
