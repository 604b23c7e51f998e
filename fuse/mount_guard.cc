#include "fuse/mount_guard.h"

#include <fcntl.h>
#include <sys/statfs.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <thread>
#include <vector>

#include "core/capture/find_databases.h"
#include "core/os/beneath.h"
#include "core/os/holders.h"
#include "core/os/mount_table.h"
#include "fuse/unmount.h"

namespace litetool {
namespace {

// A lease that somebody breaks brings SIGIO, which ends programs that do not expect it.
class IgnoreSigio {
 public:
  IgnoreSigio() {
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGIO, &ignore, &before_);
  }
  ~IgnoreSigio() { ::sigaction(SIGIO, &before_, nullptr); }
  IgnoreSigio(const IgnoreSigio&) = delete;
  IgnoreSigio& operator=(const IgnoreSigio&) = delete;

 private:
  struct sigaction before_ {};
};

// True when another process has the file open or mapped. A write lease is given to the only one
// that has it open; it is returned at once, because it would stop the next one who opens the file.
bool in_use(int root, const std::string& path) {
  const UniqueFd file = open_beneath(root, path, O_RDWR | O_NONBLOCK);
  if (!file.valid()) return false;
  if (::fcntl(file.get(), F_SETLEASE, F_WRLCK) != 0) return errno == EAGAIN;
  (void)::fcntl(file.get(), F_SETLEASE, F_UNLCK);
  return false;
}

// The first file in use; empty for none.
std::string find_in_use(int root, const std::vector<std::string>& databases) {
  for (const std::string& database : databases) {
    for (const std::string& file : {database, database + "-wal"}) {
      if (in_use(root, file)) return file;
    }
  }
  return "";
}

}  // namespace

bool is_dead_mount(const std::string& path) {
  struct statfs st {};
  // Unlike most of what is asked about a path, this is never answered from a cache.
  if (::statfs(path.c_str(), &st) == 0) return false;
  // The third, where the kernel is still taking the rings of a killed program apart.
  return errno == ENOTCONN || errno == ECONNABORTED || errno == ECANCELED;
}

Status clear_dead_mount(const std::string& mount_point,
                        const std::function<void(const std::string&)>& warn) {
  if (!is_dead_mount(mount_point)) return {};
  const auto entry = mount_at(mount_point);
  if (!entry || entry->type != "fuse.litetool") return {};
  LT_TRY(unmount(mount_point, true));
  warn(mount_point + " was a mount whose program had died; it is taken away");
  return {};
}

Status refuse_open_databases(Env& env, int root, const std::string& directory,
                             const std::atomic<bool>& stop) {
  // The kernel closes the files of a program a little after it has ended.
  constexpr int kTries = 20;
  constexpr auto kPause = std::chrono::milliseconds(50);
  const IgnoreSigio quiet;
  std::vector<std::string> databases;
  find_databases(env, root, stop, [&](const std::string& path) { databases.push_back(path); });
  std::string found;
  for (int n = 0; n < kTries; ++n) {
    if (n != 0) std::this_thread::sleep_for(kPause);
    found = find_in_use(root, databases);
    if (found.empty()) return {};
  }
  const std::string path = directory + "/" + found;
  const std::string names = holders_text(holders_below(path), directory);
  return Error(
      Errc::kFailed,
      path + " is open in " +
          (names.empty() ? "another program, perhaps since before the last mount" : names) +
          ": end it first, it would not see the locks of the others");
}

}  // namespace litetool
