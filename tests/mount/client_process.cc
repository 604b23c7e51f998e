#include "mount/client_process.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <exception>

namespace litetool::test {
namespace {

bool become(Person person) {
  return ::setgroups(0, nullptr) == 0 &&
         ::setresgid(person.group, person.group, person.group) == 0 &&
         ::setresuid(person.user, person.user, person.user) == 0;
}

void write_all(int fd, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t n = ::write(fd, text.data() + at, text.size() - at);
    if (n <= 0) ::_exit(3);
    at += static_cast<std::size_t>(n);
  }
}

[[noreturn]] void work_in_child(Person person, const std::function<std::string()>& work,
                                const std::function<bool()>& prepare, int fd) {
  if ((prepare && !prepare()) || !become(person)) ::_exit(2);
  try {
    write_all(fd, work());
  } catch (const std::exception& error) {
    write_all(fd, error.what());
    ::_exit(1);
  }
  ::_exit(0);
}

}  // namespace

std::string run_as(Person person, const std::function<std::string()>& work,
                   const std::function<bool()>& prepare) {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) work_in_child(person, work, prepare, ends[1]);
  ::close(ends[1]);
  std::string text;
  char piece[4096];
  for (ssize_t n = 0; (n = ::read(ends[0], piece, sizeof piece)) > 0;) {
    text.append(piece, static_cast<std::size_t>(n));
  }
  ::close(ends[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  INFO("user " << person.user << ", group " << person.group << ": " << text);
  REQUIRE(status == 0);
  return text;
}

}  // namespace litetool::test
