#include "core/os/beneath.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "core/os/env.h"

namespace litetool {
namespace {

constexpr int kFolderFlags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

// With O_PATH alone, O_NOFOLLOW opens the link instead of refusing it.
UniqueFd refuse_link(UniqueFd fd) {
  struct stat st {};
  if (!fd.valid() || ::fstat(fd.get(), &st) != 0 || !S_ISLNK(st.st_mode)) return fd;
  errno = ELOOP;
  return UniqueFd();
}

// For kernels before Linux 5.6, and sandboxes that do not know openat2(2): one directory after the
// other.
UniqueFd walk(int dir, const std::string& path, int flags, unsigned mode) {
  UniqueFd folder;
  for (std::size_t at = 0;;) {
    const std::size_t slash = path.find('/', at);
    const std::string part = path.substr(at, slash - at);
    if (part == ".." || path.starts_with('/')) {
      errno = EXDEV;
      return UniqueFd();
    }
    const int from = folder.valid() ? folder.get() : dir;
    if (slash == std::string::npos) {
      const int fd = ::openat(from, part.empty() ? "." : part.c_str(), flags | O_NOFOLLOW, mode);
      return refuse_link(UniqueFd(fd));
    }
    UniqueFd next(::openat(from, part.empty() ? "." : part.c_str(), kFolderFlags));
    if (!next.valid()) return next;
    folder = std::move(next);
    at = slash + 1;
  }
}

}  // namespace

UniqueFd open_beneath(int dir, const std::string& path, int flags, unsigned mode) {
  flags |= O_CLOEXEC;
  if (dir == kCwd) return UniqueFd(::openat(dir, path.c_str(), flags, mode));
  open_how how{};
  how.flags = static_cast<unsigned>(flags);
  if ((flags & (O_CREAT | __O_TMPFILE)) != 0) how.mode = mode;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  UniqueFd fd(static_cast<int>(::syscall(SYS_openat2, dir, path.c_str(), &how, sizeof how)));
  return fd.valid() || errno != ENOSYS ? std::move(fd) : walk(dir, path, flags, mode);
}

NameBeneath::NameBeneath(int dir, const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const bool is_direct = dir == kCwd || slash == std::string::npos;
  name_ = is_direct ? path : path.substr(slash + 1);
  if (name_ == ".." && dir != kCwd) {
    errno = EXDEV;
    return;
  }
  if (!is_direct) {
    parent_ = open_beneath(dir, path.substr(0, slash + 1), O_PATH | O_DIRECTORY);
    if (!parent_.valid()) return;
  }
  dir_ = is_direct ? dir : parent_.get();
}

}  // namespace litetool
