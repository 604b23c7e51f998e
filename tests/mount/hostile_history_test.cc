// A history that a hostile user made, who may write to the directory that root mounts: links and
// named pipes where files are expected, files without end, paths that lead out.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <functional>

#include "support/sqlite_session.h"
#include "support/temp_dir.h"

namespace litetool::test {
namespace {

namespace fs = std::filesystem;
constexpr uid_t kHostile = 1002;

// ThreadSanitizer maps more than any limit.
#ifdef __SANITIZE_THREAD__
const std::string kMemoryLimit;
#else
const std::string kMemoryLimit = "ulimit -v 8000000; ";
#endif

// A directory of the hostile user with a database, and beside it what is none of his.
struct Place {
  Place() {
    for (const char* name : {"data", "outside", "outside/db", "outside/db/app.db"}) {
      REQUIRE(::mkdir(temp.file(name).c_str(), 0755) == 0);
    }
    write_file(temp.file("outside/file"), as_bytes("theirs"));
    { SqliteSession(temp.file("data/app.db")).exec("CREATE TABLE t(x); INSERT INTO t VALUES(1)"); }
    { SqliteSession(temp.file("outside/their.db")).exec("CREATE TABLE t(x)"); }
    their_database = text_of(temp.file("outside/their.db"));
  }

  std::string in_data(const std::string& name) const { return temp.file("data/" + name); }
  // A history as a mount makes it.
  void mount_once() const { REQUIRE(mount() == 0); }
  void give_away() const {
    for (const auto& entry : fs::recursive_directory_iterator(temp.file("data"))) {
      REQUIRE(::lchown(entry.path().c_str(), kHostile, kHostile) == 0);
    }
    REQUIRE(::chown(temp.file("data").c_str(), kHostile, kHostile) == 0);
  }

  // The exit code of a mount by root that runs a program which writes to the database; 124 when it
  // hangs, 137 when it wants more memory than there is.
  int mount() const {
    const std::string command = kMemoryLimit + "timeout -k 5 60 " + std::string(LITETOOL_BINARY) +
                                " mount -q " + temp.file("data") + " -- cat " + in_data("app.db") +
                                " >/dev/null 2>" + temp.file("messages");
    const int status = std::system(command.c_str());
    (void)std::system(
        (std::string(LITETOOL_BINARY) + " unmount -q --lazy " + temp.file("data") + " 2>/dev/null")
            .c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  std::string messages() const { return text_of(temp.file("messages")); }

  void check_untouched() const {
    CHECK(text_of(temp.file("outside/file")) == "theirs");
    CHECK(text_of(temp.file("outside/their.db")) == their_database);
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(temp.file("outside"))) {
      names.push_back(fs::relative(entry.path(), temp.file("outside")));
    }
    std::ranges::sort(names);
    CHECK(names == std::vector<std::string>{"db", "db/app.db", "file", "their.db"});
  }

  TempDir temp;
  std::string their_database;
};

TEST_CASE("a mount does not follow a link that is named like the history") {
  const Place place;
  REQUIRE(::symlink("../outside", place.in_data(".litetool").c_str()) == 0);
  place.give_away();
  CHECK(place.mount() == 2);
  CHECK(place.messages().find("is a symbolic link") != std::string::npos);
  place.check_untouched();
}

TEST_CASE("a mount serves nothing from, and writes nothing to, where links in a history lead") {
  const std::string name = GENERATE(as<std::string>(), "db", "db/app.db", "db/app.db/quarantine");
  const Place place;
  place.mount_once();
  fs::remove_all(place.in_data(".litetool/" + name));
  REQUIRE(::symlink(place.temp.file("outside").c_str(),
                    place.in_data(".litetool/" + name).c_str()) == 0);
  place.give_away();
  INFO(name);
  CHECK(place.mount() == 0);
  place.check_untouched();
}

// Puts something hostile in place of each file of a history in turn, and mounts.
void for_each_file(const std::function<bool(const std::string& path)>& put) {
  const std::string name = GENERATE(
      as<std::string>(), "node", "identity", "rename", "log", "config.toml", "db/app.db/checksums",
      "db/app.db/marks", "db/app.db/tags", "db/app.db/boot", "db/app.db/redo", "db/app.db/damaged",
      "db/app.db/0000000000000001.ltxs", "db/app.db/0000000000000001-0000000000000001.ltx");
  const Place place;
  place.mount_once();
  const std::string path = place.in_data(".litetool/" + name);
  (void)::unlink(path.c_str());
  REQUIRE(put(path));
  place.give_away();
  const int code = place.mount();
  INFO(name << ": " << place.messages());
  // Served without this database, or refused with a message; not hung, and not out of memory.
  CHECK((code == 0 || !place.messages().empty()));
  CHECK(code >= 0);
  CHECK(code < 70);
  place.check_untouched();
}

TEST_CASE("a link in place of a file of the history is not followed") {
  for_each_file([](const std::string& path) {
    return ::symlink((fs::path(path.substr(0, path.find("/data/"))) / "outside/file").c_str(),
                     path.c_str()) == 0;
  });
}

TEST_CASE("a link to nowhere in place of a file of the history makes nothing there") {
  for_each_file([](const std::string& path) {
    return ::symlink((fs::path(path.substr(0, path.find("/data/"))) / "outside/made").c_str(),
                     path.c_str()) == 0;
  });
}

TEST_CASE("a named pipe in place of a file of the history does not hang a mount") {
  for_each_file([](const std::string& path) { return ::mkfifo(path.c_str(), 0666) == 0; });
}

TEST_CASE("a file without end in place of a file of the history is not taken into memory") {
  for_each_file([](const std::string& path) {
    const int file = ::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    constexpr off_t kTerabytes = off_t{8} << 40;
    const bool done = file >= 0 && ::ftruncate(file, kTerabytes) == 0;
    ::close(file);
    return done;
  });
}

TEST_CASE("the folder of a history does not name a database outside of the directory") {
  const Place place;
  place.mount_once();
  fs::copy(place.in_data(".litetool/db/app.db"),
           place.in_data(".litetool/db/..%2Foutside%2Ftheir.db"));
  place.give_away();
  CHECK(place.mount() == 0);
  place.check_untouched();
}

TEST_CASE("a configuration that another user put into the history is not obeyed") {
  const Place place;
  place.mount_once();
  write_file(place.in_data(".litetool/config.toml"),
             as_bytes("[log]\nfile = \"" + place.temp.file("outside/made") + "\"\n"));
  const std::string config = place.in_data(".litetool/config.toml");
  REQUIRE(::chown(config.c_str(), kHostile, kHostile) == 0);
  CHECK(place.mount() == 11);
  CHECK(place.messages().find("belongs to user 1002") != std::string::npos);
  place.check_untouched();
  REQUIRE(::chown(config.c_str(), 0, 0) == 0);
  CHECK(place.mount() == 0);
  CHECK(fs::exists(place.temp.file("outside/made")));
}

}  // namespace
}  // namespace litetool::test
