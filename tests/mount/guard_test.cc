// What keeps a directory from being mounted, and what is put right before.
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>

#include "mount/mounted.h"
#include "support/sqlite_session.h"
#include "support/temp_dir.h"

namespace litetool::test {
namespace {

// A process that has a file open, or only mapped, until it is ended.
class Opener {
 public:
  enum class How { kOpen, kMapped };

  Opener(const std::string& path, How how) {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    pid_ = ::fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      const int file = ::open(path.c_str(), O_RDONLY);
      (void)::mmap(nullptr, 4096, PROT_READ, MAP_SHARED, file, 0);
      if (how == How::kMapped) ::close(file);
      (void)!::write(ends[1], "", 1);
      while (true) ::pause();
    }
    char ready = 0;
    REQUIRE(::read(ends[0], &ready, 1) == 1);
    ::close(ends[0]);
    ::close(ends[1]);
  }
  ~Opener() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Opener(const Opener&) = delete;
  Opener& operator=(const Opener&) = delete;

  int pid() const { return pid_; }

 private:
  int pid_ = -1;
};

// Exit code of a mount that has to fail, and what it said.
std::pair<int, std::string> refused_mount(const std::string& directory) {
  const std::string command = std::string(LITETOOL_BINARY) + " mount " + directory + " 2>&1";
  FILE* output = ::popen(command.c_str(), "r");
  REQUIRE(output != nullptr);
  char text[1000] = {};
  (void)!::fread(text, 1, sizeof text - 1, output);
  return {WEXITSTATUS(::pclose(output)), text};
}

TEST_CASE("a database that somebody has open is not mounted over, and the holder is named") {
  const auto how = GENERATE(Opener::How::kOpen, Opener::How::kMapped);
  const auto name = GENERATE(as<std::string>(), "app.db", "app.db-wal");
  const TempDir temp;
  SqliteSession session(temp.file("origin.db"));
  session.exec("PRAGMA journal_mode=WAL");
  session.exec("CREATE TABLE t(x)");
  const std::string directory = temp.file("data");
  std::filesystem::create_directories(directory + "/sub");
  for (const char* suffix : {"", "-wal"}) {
    std::filesystem::copy_file(temp.file("origin.db") + suffix, directory + "/sub/app.db" + suffix);
  }
  {
    const Opener opener(directory + "/sub/" + name, how);
    const auto [code, text] = refused_mount(directory);
    INFO(text);
    CHECK(code == 1);
    CHECK(text.find(directory + "/sub/" + name + " is open in mount_test (pid " +
                    std::to_string(opener.pid())) != std::string::npos);
  }
  const Mounted mounted(directory);
}

TEST_CASE("a mount whose daemon has died is taken away by the next one") {
  const TempDir temp;
  Mounted mounted(temp.path());
  { SqliteSession(mounted.file("app.db")).exec("CREATE TABLE t(x)"); }
  mounted.kill_and_leave();
  CHECK(::open(mounted.file("app.db").c_str(), O_RDONLY | O_CLOEXEC) < 0);
  Mounted again(temp.path());
  { CHECK(SqliteSession(again.file("app.db")).value("SELECT count(*) FROM t") == "0"); }
  CHECK(again.unmount() == 0);
  CHECK(::access(temp.file("app.db").c_str(), F_OK) == 0);
}

}  // namespace
}  // namespace litetool::test
