#include "mount/posix_compare.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "support/temp_dir.h"

namespace litetool::test {
namespace {

// Everything from a pipe until its writers are gone; empty when that takes a minute.
std::string read_all(int fd) {
  std::string text;
  char piece[4096];
  while (true) {
    pollfd ready{fd, POLLIN, 0};
    constexpr int kMinute = 60'000;
    if (::poll(&ready, 1, kMinute) <= 0) return "";
    const ssize_t n = ::read(fd, piece, sizeof piece);
    if (n <= 0) return text;
    text.append(piece, static_cast<std::size_t>(n));
  }
}

// Files of root that the other user meets.
void prepare(const std::string& directory) {
  const auto path = [&](const char* name) { return directory + "/" + name; };
  const auto file = [&](const char* name, mode_t mode) {
    write_file(path(name), as_bytes("of root"));
    REQUIRE(::chmod(path(name).c_str(), mode) == 0);
  };
  REQUIRE(::mkdir(path("of-root").c_str(), 0755) == 0);
  REQUIRE(::mkdir(path("of-root/closed").c_str(), 0755) == 0);
  REQUIRE(::mkdir(path("sticky-of-root").c_str(), 0755) == 0);
  file("of-root/file", 0644);
  file("of-root/secret", 0600);
  file("of-root/closed/inside", 0644);
  file("of-root/acl", 0640);
  file("sticky-of-root/file", 0666);
  REQUIRE(::chmod(path("of-root/closed").c_str(), 0700) == 0);
  REQUIRE(::chmod(path("sticky-of-root").c_str(), 01777) == 0);
  // user::rw-, user:1002:r--, group::---, mask::r--, other::---
  const unsigned char acl[] = {2, 0,   0,   0,   1,   0,   6,  0, 255, 255, 255, 255, 2,   0,  4,
                               0, 234, 3,   0,   0,   4,   0,  0, 0,   255, 255, 255, 255, 16, 0,
                               4, 0,   255, 255, 255, 255, 32, 0, 0,   0,   255, 255, 255, 255};
  REQUIRE(::setxattr(path("of-root/acl").c_str(), "system.posix_acl_access", acl, sizeof acl, 0) ==
          0);
}

bool become(const Caller& caller) {
  const uid_t user = caller.user;
  return ::setgroups(caller.groups.size(), caller.groups.data()) == 0 &&
         ::setresgid(user, user, user) == 0 && ::setresuid(user, user, user) == 0;
}

// The protocol of a scenario run by `caller` in a new directory below `parent`.
std::string run(const Scenario& scenario, const Caller& caller, const std::string& parent) {
  std::string directory = parent + "/run-XXXXXX";
  REQUIRE(::mkdtemp(directory.data()) != nullptr);
  prepare(directory);
  REQUIRE(::chown(directory.c_str(), caller.user, caller.user) == 0);
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const int child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::umask(022);
    bool ready = ::chdir(directory.c_str()) == 0;
    if (ready && scenario.prepare != nullptr) scenario.prepare();
    ready = ready && become(caller);
    Calls calls;
    if (ready) scenario.run(calls);
    const std::string& text = calls.text();
    std::size_t done = 0;
    while (done < text.size()) {
      const ssize_t n = ::write(ends[1], text.data() + done, text.size() - done);
      if (n <= 0) break;
      done += static_cast<std::size_t>(n);
    }
    ::_exit(0);
  }
  ::close(ends[1]);
  const std::string text = read_all(ends[0]);
  ::close(ends[0]);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  return text;
}

// The lines that differ, the plain directory's first.
std::string difference(const std::string& plain, const std::string& mounted) {
  std::istringstream a(plain);
  std::istringstream b(mounted);
  std::string x;
  std::string y;
  std::string text;
  std::string before;
  while (true) {
    const bool more_a = static_cast<bool>(std::getline(a, x));
    const bool more_b = static_cast<bool>(std::getline(b, y));
    if (!more_a && !more_b) return text;
    if (more_a != more_b || x != y) {
      text += "after '" + before + "': plain '" + (more_a ? x : "") + "', mount '" +
              (more_b ? y : "") + "'\n";
    }
    before = x;
    if (!more_a) x.clear();
    if (!more_b) y.clear();
  }
}

}  // namespace

void compare(const std::vector<Scenario>& scenarios, const Caller& caller, Mounted::Tier tier) {
  const TempDir temp;
  REQUIRE(::chmod(temp.path().c_str(), 0755) == 0);
  const std::string plain = temp.file("plain");
  const std::string data = temp.file("data");
  REQUIRE(::mkdir(plain.c_str(), 0755) == 0);
  REQUIRE(::mkdir(data.c_str(), 0755) == 0);
  const Mounted mounted(data, tier);
  for (const Scenario& scenario : scenarios) {
    const std::string expected = run(scenario, caller, plain);
    CHECK(expected != "");
    INFO(scenario.name << " as user " << caller.user << " in " << caller.groups.size()
                       << " groups");
    CHECK(difference(expected, run(scenario, caller, data)) == "");
  }
}

}  // namespace litetool::test
