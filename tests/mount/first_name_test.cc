// Files that become a database by the name they get: what litetool itself has written aside, and
// what had no name at all.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>

#include "core/history/layout.h"
#include "mount/mounted.h"
#include "mount/truth.h"
#include "support/sqlite_session.h"
#include "support/temp_dir.h"

namespace litetool::test {
namespace {

std::string new_directory(const TempDir& temp) {
  std::string directory = temp.path() + "/data";
  REQUIRE(::mkdir(directory.c_str(), 0755) == 0);
  return directory;
}

// A database whose only table has that many rows.
Buffer database_of(const TempDir& temp, int rows) {
  const std::string path = temp.file("outside.db");
  std::filesystem::remove(path);
  SqliteSession session(path);
  session.exec("CREATE TABLE t(x)");
  for (int i = 0; i < rows; ++i) session.exec("INSERT INTO t VALUES(1)");
  return read_file(path);
}

// Open until the end of the test, as a file is to the mount for a while after its close.
class Held {
 public:
  Held(const std::string& path, int flags, const Buffer& content)
      : fd_(::open(path.c_str(), flags | O_RDWR | O_CLOEXEC, 0644)) {
    REQUIRE(fd_ >= 0);
    REQUIRE(::write(fd_, content.data(), content.size()) == static_cast<ssize_t>(content.size()));
  }
  ~Held() { ::close(fd_); }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_;
};

// Each commit is a transaction although the file was open before it had its name.
void check_captured(const Mounted& mounted, const std::string& directory, const char* database) {
  const std::size_t before = states_in_history(directory, database).size();
  SqliteSession session(mounted.file(database));
  for (int i = 0; i < 3; ++i) session.exec("INSERT INTO t VALUES(2)");
  const std::vector<Buffer> states = states_in_history(directory, database);
  CHECK(states.size() == before + 3);
  const bool ends_there = states.back() == committed_bytes(directory + "/" + database);
  CHECK(ends_there);
}

TEST_CASE("what litetool is still writing is no database until it has its name") {
  const auto tier = GENERATE(Mounted::Tier::kPassthrough, Mounted::Tier::kCached);
  const TempDir temp;
  const std::string directory = new_directory(temp);
  Mounted mounted(directory, tier);
  write_file(mounted.file("there.db"), database_of(temp, 1));
  for (const char* name : {"there.db", "new.db"}) {
    const std::string aside = std::string(name) + ".tmp-41-0";
    const Buffer content = database_of(temp, 5);
    const Held held(mounted.file(aside), O_CREAT | O_EXCL, content);
    REQUIRE(::rename(mounted.file(aside).c_str(), mounted.file(name).c_str()) == 0);
    CHECK_FALSE(std::filesystem::exists(history_folder_of(directory + "/.litetool", aside)));
    const bool ends_there = states_in_history(directory, name).back() == content;
    CHECK(ends_there);
    check_captured(mounted, directory, name);
  }
  REQUIRE(mounted.unmount() == 0);
}

TEST_CASE("a file that gets its first name while it is open is captured from then on") {
  const auto tier = GENERATE(Mounted::Tier::kPassthrough, Mounted::Tier::kCached);
  const TempDir temp;
  const std::string directory = new_directory(temp);
  Mounted mounted(directory, tier);
  {
    const Held held(mounted.file(""), O_TMPFILE, database_of(temp, 2));
    REQUIRE(::linkat(AT_FDCWD, held.path().c_str(), AT_FDCWD, mounted.file("named.db").c_str(),
                     AT_SYMLINK_FOLLOW) == 0);
    SqliteSession(mounted.file("named.db")).exec("INSERT INTO t VALUES(0)");
    check_captured(mounted, directory, "named.db");
  }
  REQUIRE(mounted.unmount() == 0);
}

TEST_CASE("a database that somebody gives such a name keeps its history") {
  const TempDir temp;
  const std::string directory = new_directory(temp);
  Mounted mounted(directory);
  const char* const name = "a.db.tmp-41-0";
  write_file(mounted.file("a.db"), database_of(temp, 1));
  REQUIRE(::rename(mounted.file("a.db").c_str(), mounted.file(name).c_str()) == 0);
  check_captured(mounted, directory, name);
  REQUIRE(mounted.unmount() == 0);
  Mounted again(directory);
  check_captured(again, directory, name);
  REQUIRE(again.unmount() == 0);
}

}  // namespace
}  // namespace litetool::test
