#include "fuse/mount_guard.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <thread>
#include <vector>

#include "core/capture/file_name.h"
#include "core/history/layout.h"
#include "core/os/holders.h"
#include "core/os/mount_table.h"
#include "core/os/unique_fd.h"
#include "formats/sqlite/file_header.h"
#include "fuse/unmount.h"

namespace litetool {
namespace {

constexpr int kMaxDepth = 64;

bool holds_database(int directory, const char* name) {
  const UniqueFd file(::openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  std::byte magic[kFileMagicSize];
  const ssize_t n = file.valid() ? ::pread(file.get(), magic, sizeof magic, 0) : -1;
  return n > 0 && is_database(Bytes(magic, static_cast<std::size_t>(n)));
}

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
bool in_use(int directory, const std::string& name) {
  const UniqueFd file(
      ::openat(directory, name.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.valid()) return false;
  if (::fcntl(file.get(), F_SETLEASE, F_WRLCK) != 0) return errno == EAGAIN;
  (void)::fcntl(file.get(), F_SETLEASE, F_UNLCK);
  return false;
}

// The first file in use below a directory, relative to where the search began; empty for none.
std::string find_in_use(int directory, const std::string& folder, int depth) {
  const int fd = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* stream = fd < 0 ? nullptr : ::fdopendir(fd);
  if (stream == nullptr) {
    if (fd >= 0) ::close(fd);
    return "";
  }
  std::vector<std::string> folders;
  std::vector<std::string> databases;
  while (const dirent* entry = ::readdir(stream)) {
    const std::string name = entry->d_name;
    if (name == "." || name == ".." || name == kHistoryFolder) continue;
    struct stat st {};
    if (::fstatat(directory, name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (S_ISDIR(st.st_mode)) folders.push_back(name);
    if (!S_ISREG(st.st_mode) || classify_file(name).role != FileRole::kDatabase) continue;
    if (holds_database(directory, name.c_str())) databases.push_back(name);
  }
  ::closedir(stream);
  for (const std::string& name : databases) {
    if (in_use(directory, name)) return folder + name;
    if (in_use(directory, name + "-wal")) return folder + name + "-wal";
  }
  if (depth == kMaxDepth) return "";
  for (const std::string& name : folders) {
    const UniqueFd below(
        ::openat(directory, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!below.valid()) continue;
    const std::string found = find_in_use(below.get(), folder + name + "/", depth + 1);
    if (!found.empty()) return found;
  }
  return "";
}

}  // namespace

bool is_of_dead_mount(int err) {
  // The third, where the kernel is still taking the rings of a killed program apart.
  return err == ENOTCONN || err == ECONNABORTED || err == ECANCELED;
}

Status clear_dead_mount(const std::string& mount_point,
                        const std::function<void(const std::string&)>& warn) {
  struct statfs st {};
  // Unlike most of what is asked about a path, this is never answered from a cache.
  if (::statfs(mount_point.c_str(), &st) == 0 || !is_of_dead_mount(errno)) return {};
  const auto entry = mount_at(mount_point);
  if (!entry || entry->type != "fuse.litetool") return {};
  LT_TRY(unmount(mount_point, true));
  warn(mount_point + " was a mount whose program had died; it is taken away");
  return {};
}

Status refuse_open_databases(int root, const std::string& directory) {
  // The kernel closes the files of a program a little after it has ended.
  constexpr int kTries = 20;
  constexpr auto kPause = std::chrono::milliseconds(50);
  const IgnoreSigio quiet;
  std::string found;
  for (int n = 0; n < kTries; ++n) {
    if (n != 0) std::this_thread::sleep_for(kPause);
    found = find_in_use(root, "", 0);
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
