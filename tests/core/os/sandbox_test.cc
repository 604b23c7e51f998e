#include "core/os/sandbox.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <functional>
#include <initializer_list>

#include "tests/support/temp_dir.h"

namespace litetool::test {
namespace {

// What `work` returns in a child process that has entered the sandbox.
std::string confined(const std::vector<SandboxRule>& rules,
                     const std::function<std::string()>& work) {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const int child = ::fork();
  if (child == 0) {
    const Status entered = enter_sandbox(rules);
    const std::string text = entered ? work() : entered.error().text();
    (void)!::write(ends[1], text.data(), text.size());
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string text(1000, '\0');
  const ssize_t n = ::read(ends[0], text.data(), text.size());
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(0, n)));
  ::close(ends[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  return text;
}

std::string outcome(long result) {
  return result < 0 ? std::string(::strerrorname_np(errno)) + " " : "ok ";
}

// In the order in which they are written.
std::string all(std::initializer_list<std::string> outcomes) {
  std::string text;
  for (const std::string& one : outcomes) text += one;
  return text;
}

std::string open_outcome(const std::string& path, int flags) {
  const int file = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
  const std::string said = outcome(file);
  if (file >= 0) ::close(file);
  return said;
}

bool is_missing() {
  if (landlock_version() != 0) return false;
  WARN("SKIP: what a sandbox forbids: this kernel has no Landlock");
  return true;
}

// Two inputs, of which one is allowed, and two folders.
struct Place {
  Place() {
    for (const char* name : {"in", "out", "other"}) {
      REQUIRE(::mkdir(temp.file(name).c_str(), 0755) == 0);
    }
    for (const char* name : {"in/allowed", "in/other", "out/old", "other/file"}) {
      write_file(temp.file(name), as_bytes("text"));
    }
    REQUIRE(::symlink("other", temp.file("in/link").c_str()) == 0);
  }
  TempDir temp;
};

TEST_CASE("in the sandbox only what the rules name can be read") {
  if (is_missing()) return;
  const Place place;
  const auto at = [&](const char* name) { return place.temp.file(name); };
  const int opened_before = ::open(at("in/other").c_str(), O_RDONLY | O_CLOEXEC);
  CHECK(confined({{at("in/allowed")}, {at("missing")}}, [&] {
          char byte = 0;
          return all({open_outcome(at("in/allowed"), O_RDONLY),
                      open_outcome(at("in/other"), O_RDONLY), open_outcome(at("in/link"), O_RDONLY),
                      open_outcome(at("in"), O_RDONLY | O_DIRECTORY),
                      open_outcome(at("in/allowed"), O_RDWR), open_outcome("/etc/passwd", O_RDONLY),
                      outcome(::truncate(at("in/allowed").c_str(), 0)),
                      outcome(::read(opened_before, &byte, 1))});
        }) == "ok EACCES EACCES EACCES EACCES EACCES EACCES ok ");
  ::close(opened_before);
  CHECK(confined({{at("in")}}, [&] {
          return all({open_outcome(at("in/other"), O_RDONLY), open_outcome(at("in"), O_DIRECTORY),
                      open_outcome(at("in/new"), O_CREAT | O_WRONLY)});
        }) == "ok ok EACCES ");
}

TEST_CASE("in the sandbox files are made and renamed where the rules allow changes") {
  if (is_missing()) return;
  const Place place;
  const auto at = [&](const char* name) { return place.temp.file(name); };
  CHECK(confined({{at("out"), SandboxAccess::kChange}}, [&] {
          return all({open_outcome(at("out/new"), O_CREAT | O_EXCL | O_RDWR),
                      outcome(::rename(at("out/new").c_str(), at("out/old").c_str())),
                      outcome(::mkdir(at("out/sub").c_str(), 0755)),
                      outcome(::rename(at("out/old").c_str(), at("out/sub/old").c_str())),
                      outcome(::unlink(at("out/sub/old").c_str())),
                      outcome(::symlink("x", at("out/s").c_str())),
                      outcome(::mkfifo(at("out/p").c_str(), 0600)),
                      open_outcome(at("other/new"), O_CREAT | O_RDWR),
                      open_outcome(at("other/file"), O_WRONLY),
                      outcome(::unlink(at("other/file").c_str()))});
        }) == "ok ok ok ok ok EACCES EACCES EACCES EACCES EACCES ");
  CHECK(confined({{at("out"), SandboxAccess::kRemove}}, [&] {
          return all({outcome(::rmdir(at("out/sub").c_str())), open_outcome(at("out"), O_RDONLY),
                      open_outcome(at("out/new"), O_CREAT | O_WRONLY)});
        }) == "ok EACCES EACCES ");
}

TEST_CASE("in the sandbox no program is started and nobody is connected to") {
  if (is_missing()) return;
  CHECK(confined({}, [] {
          char name[] = "true";
          char* words[] = {name, nullptr};
          (void)::execv("/bin/true", words);
          std::string text = outcome(-1);
          if (landlock_version() < 4) return text + "EACCES ";
          const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
          sockaddr_in address{};
          address.sin_family = AF_INET;
          address.sin_port = htons(9);
          address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
          const int connected =
              ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
          return text + outcome(connected);
        }) == "EACCES EACCES ");
}

TEST_CASE("a sandbox gives up the hope for more rights, with Landlock and without") {
  CHECK(confined({}, [] { return std::to_string(::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)); }) ==
        "1");
}

}  // namespace
}  // namespace litetool::test
