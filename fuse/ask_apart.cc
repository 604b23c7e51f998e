#include "fuse/ask_apart.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace litetool {

int ask_apart(int fd, const std::function<int(int fd)>& ask) {
  const pid_t child = ::fork();
  if (child < 0) return errno;
  if (child == 0) {
    constexpr unsigned kOnly = 0;
    if (fd >= 0 && ::dup2(fd, kOnly) < 0) ::_exit(errno);
    (void)::close_range(fd >= 0 ? kOnly + 1 : kOnly, ~0u, 0);
    ::_exit(ask(kOnly));
  }
  int status = -1;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return errno;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

}  // namespace litetool
