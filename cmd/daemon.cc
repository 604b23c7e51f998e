#include "cmd/daemon.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "cmd/command.h"

namespace litetool {
namespace {

// True when the child has said that it is ready, false when it has ended.
bool wait_until_ready(int pipe, pid_t child, const std::atomic<bool>& stop) {
  bool told = false;
  while (true) {
    if (stop && !told) {
      told = true;
      ::kill(child, SIGTERM);
    }
    char byte = 0;
    const ssize_t n = ::read(pipe, &byte, 1);
    if (n < 0 && errno == EINTR) continue;
    return n == 1 && !told;
  }
}

Result<int> exit_code_of_child(pid_t child, const std::atomic<bool>& stop) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (stop) return Error(Errc::kInterrupted, "interrupted before the mount was ready");
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  return Error(Errc::kFailed, "ended by signal " + std::to_string(WTERMSIG(status)) +
                                  " before the mount was ready");
}

}  // namespace

Result<std::optional<int>> Daemon::start(const std::atomic<bool>& stop) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return Error::from_errno(errno, "make a pipe");
  UniqueFd from_child(ends[0]);
  UniqueFd to_parent(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) return Error::from_errno(errno, "fork");
  if (child == 0) {
    ::setsid();
    ready_ = std::move(to_parent);
    return std::optional<int>();
  }
  to_parent.reset();
  if (wait_until_ready(from_child.get(), child, stop)) return std::optional<int>(kExitDone);
  LT_ASSIGN(const int code, exit_code_of_child(child, stop));
  return std::optional<int>(code);
}

void Daemon::ready() {
  if (!ready_.valid()) return;
  const UniqueFd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(nothing.get(), fd);
  const char byte = 1;
  (void)!::write(ready_.get(), &byte, 1);
  ready_.reset();
}

}  // namespace litetool
