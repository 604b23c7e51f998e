#include "core/os/child.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>

namespace litetool {
namespace {

// Reads all of `size` bytes; false at the end of the pipe.
bool read_all(int fd, void* to, std::size_t size) {
  ssize_t n = 0;
  do {
    n = ::read(fd, to, size);
  } while (n < 0 && errno == EINTR);
  return n == static_cast<ssize_t>(size);
}

// The child's side: waits for the byte, then becomes the program. Does not return.
[[noreturn]] void become(const std::vector<std::string>& argv, const std::string& directory, int go,
                         int failed) {
  constexpr int kNotFound = 127;
  char byte = 0;
  if (!read_all(go, &byte, 1)) ::_exit(kNotFound);
  // The directory may have been mounted over since: what its path leads to now is what is meant.
  if (!directory.empty()) (void)!::chdir(directory.c_str());
  ::unsetenv("NOTIFY_SOCKET");
  std::signal(SIGPIPE, SIG_DFL);
  std::vector<char*> words;
  for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  ::execvp(words[0], words.data());
  const int err = errno;
  (void)!::write(failed, &err, sizeof err);
  ::_exit(kNotFound);
}

std::string working_directory() {
  char* path = ::getcwd(nullptr, 0);
  if (path == nullptr) return "";
  std::string result = path;
  std::free(path);
  return result;
}

}  // namespace

Child::Child(Child&& other) noexcept
    : pid_(other.pid_),
      go_(std::move(other.go_)),
      failed_(std::move(other.failed_)),
      program_(std::move(other.program_)),
      running_(other.running_.load()) {}

Result<Child> Child::prepare(const std::vector<std::string>& argv) {
  if (argv.empty() || argv.front().empty()) {
    return Error(Errc::kUsage, "the command after -- is empty");
  }
  int go[2];
  int failed[2];
  if (::pipe2(go, O_CLOEXEC) != 0) return Error::from_errno(errno, "make a pipe");
  const UniqueFd go_read(go[0]);
  Child child;
  child.go_ = UniqueFd(go[1]);
  if (::pipe2(failed, O_CLOEXEC) != 0) return Error::from_errno(errno, "make a pipe");
  child.failed_ = UniqueFd(failed[0]);
  const UniqueFd failed_write(failed[1]);
  child.program_ = argv.front();
  const std::string directory = working_directory();
  child.pid_ = ::fork();
  if (child.pid_ < 0) return Error::from_errno(errno, "fork");
  if (child.pid_ == 0) {
    ::close(go[1]);  // only the parent may hold it open
    become(argv, directory, go_read.get(), failed_write.get());
  }
  return child;
}

Status Child::begin() {
  const char byte = 1;
  (void)!::write(go_.get(), &byte, 1);
  int err = 0;
  if (read_all(failed_.get(), &err, sizeof err)) {
    return Error::from_errno(err, "run " + program_);
  }
  running_ = true;
  return {};
}

int Child::wait() {
  go_ = UniqueFd();
  siginfo_t ended{};
  while (::waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOWAIT) < 0 &&
         errno == EINTR) {
  }
  running_ = false;  // before its number can be given to another process
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0) {
    if (errno != EINTR) return 1;
  }
  constexpr int kSignalled = 128;
  return WIFSIGNALED(status) ? kSignalled + WTERMSIG(status) : WEXITSTATUS(status);
}

bool Child::send(int signal) const {
  return running_ && ::kill(pid_, signal) == 0;
}

}  // namespace litetool
