#include "mount/mounted.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace litetool::test {
namespace {

// The first line from a pipe, or what there is when it is closed.
std::string read_line(int fd) {
  std::string line;
  char c = 0;
  while (::read(fd, &c, 1) == 1 && c != '\n') line += c;
  return line;
}

}  // namespace

std::string why_mounts_are_impossible() {
  if (::geteuid() != 0) return "not root";
  const int fd = ::open("/dev/fuse", O_RDWR | O_CLOEXEC);
  if (fd < 0) return "no /dev/fuse";
  ::close(fd);
  return "";
}

std::vector<std::string> directories_shown_at(const std::string& path) {
  std::vector<std::string> shown;
  std::ifstream table("/proc/self/mountinfo");
  for (std::string line; std::getline(table, line);) {
    std::istringstream words(line);
    std::string id, parent, device, root, mount_point;
    words >> id >> parent >> device >> root >> mount_point;
    if (mount_point == path) shown.push_back(root);
  }
  return shown;
}

Mounted::Mounted(std::string directory, Tier tier, rlimit descriptors)
    : directory_(std::move(directory)) {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  pid_ = ::fork();
  REQUIRE(pid_ >= 0);
  if (pid_ == 0) {
    ::dup2(ends[1], 1);
    if (descriptors.rlim_max != 0) (void)::setrlimit(RLIMIT_NOFILE, &descriptors);
    const char* option = tier == Tier::kCached ? "--tier=cached" : "--tier=auto";
    const char* given = std::getenv("LITETOOL_TEST_TRANSPORT");
    const std::string transport = std::string("--transport=") + (given != nullptr ? given : "auto");
    ::execl(LITETOOL_BINARY, "litetool", "mount", option, transport.c_str(), directory_.c_str(),
            nullptr);
    ::_exit(127);
  }
  ::close(ends[1]);
  ready_line_ = read_line(ends[0]);
  ::close(ends[0]);
  INFO("litetool mount did not get ready");
  REQUIRE(ready_line_.starts_with("mounted "));
}

Mounted::~Mounted() {
  if (pid_ < 0) return;
  (void)::umount2(directory_.c_str(), MNT_DETACH);
  ::kill(pid_, SIGKILL);
  (void)wait();
}

int Mounted::wait() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int Mounted::unmount() {
  REQUIRE(::umount2(directory_.c_str(), 0) == 0);
  return wait();
}

int Mounted::terminate() {
  ::kill(pid_, SIGTERM);
  return wait();
}

void Mounted::kill_and_leave() {
  ::kill(pid_, SIGKILL);
  (void)wait();
}

void Mounted::kill() {
  kill_and_leave();
  (void)::umount2(directory_.c_str(), MNT_DETACH);
}

}  // namespace litetool::test
