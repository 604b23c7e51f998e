#include "cmd/mount_history.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

#include "core/history/identity.h"
#include "core/history/node_id.h"
#include "core/os/beneath.h"
#include "core/os/directory_id.h"
#include "core/os/mount_table.h"
#include "core/os/paths.h"
#include "core/os/safe_dirs.h"

namespace litetool {
namespace {

bool is_in(const std::string& path, const std::string& directory) {
  return path == directory || directory == "/" || path.starts_with(directory + "/");
}

Result<UniqueFd> lock(int dir, const std::string& path, int flags, const std::string& taken) {
  const int nonblocking = flags | O_NONBLOCK;  // a named pipe must not hang
  UniqueFd file = open_beneath(dir, path, nonblocking);
  if (!file.valid()) return Error::from_errno(errno, "open " + path);
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    return Error(Errc::kExists, taken + " by another litetool");
  }
  return file;
}

}  // namespace

Status refuse_seen_history(const MountPlan& plan) {
  if (plan.has_own_history()) return {};
  for (const std::string& served : {plan.mount_point, plan.source}) {
    if (is_in(plan.history, served)) {
      return Error(Errc::kUsage, "the history " + plan.history + " lies in " + served +
                                     ", where programs would see it (name a directory outside, or "
                                     "leave out --history to have it in .litetool)");
    }
    if (is_in(served, plan.history)) {
      return Error(Errc::kUsage, served + " lies in the history " + plan.history +
                                     " (name a directory of its own)");
    }
  }
  if (const auto mount = mount_above(plan.history, "fuse.litetool")) {
    return Error(Errc::kUsage, "the history " + plan.history + " lies in the mount " +
                                   mount->mount_point + " (name a directory outside of it)");
  }
  return {};
}

Result<MountHistory> take_history(Env& env, const MountPlan& plan, int directory, bool adopt) {
  MountHistory history{HistoryRoot{directory}};
  if (!plan.has_own_history()) {
    const std::string parent = directory_of(plan.history);
    history.parent.reset(::open(parent.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!history.parent.valid()) return Error::from_errno(errno, "open " + parent);
    history.root = HistoryRoot{history.parent.get(), last_part(plan.history), true};
  }
  LT_ASSIGN(history.directory_lock,
            lock(directory, ".", O_RDONLY | O_DIRECTORY, plan.source + " is served"));
  const HistoryRoot& root = history.root;
  const auto there = env.lstat(root.dir, root.folder);
  if (there && S_ISLNK(there->st_mode)) {
    return Error(Errc::kUsage, plan.history +
                                   " is a symbolic link, which a mount does not follow (name the "
                                   "place that it leads to with --history)");
  }
  Status made = make_safe_dirs(env, root.dir, root.folder, 0700);
  if (!made) return std::move(made).error().with(directory_of(plan.history));
  auto node_id = load_node_id(env, root);
  if (!node_id) return std::move(node_id).error().with(directory_of(plan.history));
  history.node_id = *node_id;
  LT_ASSIGN(history.history_lock,
            lock(root.dir, root.file(kNodeFile), O_RDONLY, plan.history + " is written"));
  auto claimed = claim_history(env, root, directory_id(directory, plan.source), adopt);
  if (!claimed) return std::move(claimed).error().with(directory_of(plan.history));
  history.note = *std::move(claimed);
  return history;
}

Result<UniqueFd> lock_history(const std::string& history) {
  return lock(AT_FDCWD, history + "/" + std::string(kNodeFile), O_RDONLY, history + " is written");
}

}  // namespace litetool
