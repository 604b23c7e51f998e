// What is not a transaction: deaths of the daemon, files that come and go by other means, remounts.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <thread>

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

void run_sql(const std::string& path, const std::vector<std::string>& statements) {
  SqliteSession session(path);
  for (const std::string& sql : statements) session.exec(sql);
}

bool has_marks(const std::string& directory, const std::string& database) {
  return std::filesystem::exists(history_folder_of(directory + "/.litetool", database) + "/marks");
}

TEST_CASE("after kill -9 of the daemon the next mount rolls the history forward", "[crash]") {
  const auto mode = GENERATE(as<const char*>(), "WAL", "DELETE");
  const TempDir temp;
  const std::string directory = new_directory(temp);
  std::vector<Buffer> recorded;
  {
    Mounted mounted(directory);
    const std::string path = mounted.file("app.db");
    SqliteSession session(path);
    session.exec("CREATE TABLE t(x)");
    recorded.push_back(committed_bytes(path));
    session.exec(std::string("PRAGMA journal_mode=") + mode);
    recorded.push_back(committed_bytes(path));
    for (int i = 0; i < 50; ++i) {
      session.exec("INSERT INTO t VALUES(randomblob(3000))");
      recorded.push_back(committed_bytes(path));
    }
    mounted.kill();
  }
  Mounted again(directory);
  REQUIRE(again.unmount() == 0);  // waits for what is loaded in the background
  INFO(mode);
  const bool equal = distinct(recorded) == distinct(states_in_history(directory, "app.db"));
  CHECK(equal);
  CHECK_FALSE(has_marks(directory, "app.db"));
}

TEST_CASE("a change made while nothing is mounted becomes one marked transaction", "[crash]") {
  const TempDir temp;
  const std::string directory = new_directory(temp);
  {
    Mounted mounted(directory);
    run_sql(mounted.file("app.db"), {"CREATE TABLE t(x)", "INSERT INTO t VALUES(1)"});
    REQUIRE(mounted.unmount() == 0);
  }
  run_sql(directory + "/app.db", {"INSERT INTO t VALUES(2)", "INSERT INTO t VALUES(3)"});
  Mounted again(directory);
  REQUIRE(again.unmount() == 0);  // waits for what is loaded in the background
  const std::vector<Buffer> states = states_in_history(directory, "app.db");
  CHECK(states.size() == 3);
  const bool equal = states.back() == committed_bytes(directory + "/app.db");
  CHECK(equal);
  CHECK(has_marks(directory, "app.db"));
}

TEST_CASE("a clean stop leaves checksums, and the next mount appends to the same history") {
  const TempDir temp;
  const std::string directory = new_directory(temp);
  const std::string checksums =
      history_folder_of(directory + "/.litetool", "app.db") + "/checksums";
  for (int i = 0; i < 3; ++i) {
    Mounted mounted(directory);
    CHECK_FALSE(std::filesystem::exists(checksums));
    run_sql(mounted.file("app.db"), {"CREATE TABLE IF NOT EXISTS t(x)", "INSERT INTO t VALUES(1)"});
    REQUIRE(mounted.terminate() == 0);
    CHECK(std::filesystem::exists(checksums));
  }
  CHECK(states_in_history(directory, "app.db").size() == 4);
}

TEST_CASE("removing a database is a transaction, and its past stays") {
  const TempDir temp;
  const std::string directory = new_directory(temp);
  Mounted mounted(directory);
  const std::string path = mounted.file("app.db");
  run_sql(path, {"CREATE TABLE t(x)"});
  const Buffer before = committed_bytes(path);
  REQUIRE(::unlink(path.c_str()) == 0);
  run_sql(path, {"CREATE TABLE u(y, z)"});
  const Buffer after = committed_bytes(path);
  REQUIRE(mounted.unmount() == 0);
  const std::vector<Buffer> states = states_in_history(directory, "app.db");
  REQUIRE(states.size() == 3);
  CHECK(states[0] == before);
  CHECK(states[1].empty());
  CHECK(states[2] == after);
}

TEST_CASE("a renamed database takes its history along, with its directory too") {
  const TempDir temp;
  const std::string directory = new_directory(temp);
  Mounted mounted(directory);
  REQUIRE(::mkdir(mounted.file("sub").c_str(), 0755) == 0);
  run_sql(mounted.file("sub/a.db"), {"CREATE TABLE t(x)"});
  REQUIRE(::rename(mounted.file("sub/a.db").c_str(), mounted.file("sub/b.db").c_str()) == 0);
  REQUIRE(::rename(mounted.file("sub").c_str(), mounted.file("other").c_str()) == 0);
  run_sql(mounted.file("other/b.db"), {"INSERT INTO t VALUES(1)"});
  REQUIRE(mounted.unmount() == 0);
  CHECK(states_in_history(directory, "other/b.db").size() == 2);
  CHECK_FALSE(std::filesystem::exists(history_folder_of(directory + "/.litetool", "sub/a.db")));
}

TEST_CASE(
    "a database that is open when its folder gets the name of a former one is captured there") {
  const auto tier = GENERATE(Mounted::Tier::kPassthrough, Mounted::Tier::kCached);
  const TempDir temp;
  const std::string directory = new_directory(temp);
  constexpr std::size_t kCommits = 5;
  std::size_t before = 0;
  {
    Mounted mounted(directory, tier);
    for (const char* folder : {"blue", "green"}) {
      REQUIRE(::mkdir(mounted.file(folder).c_str(), 0755) == 0);
      run_sql(mounted.file(folder) + "/app.db", {"PRAGMA journal_mode=WAL", "CREATE TABLE t(x)"});
    }
    SqliteSession session(mounted.file("blue/app.db"));
    session.exec("INSERT INTO t VALUES(0)");
    std::filesystem::remove_all(mounted.file("green"));
    std::filesystem::rename(mounted.file("blue"), mounted.file("green"));
    before = states_in_history(directory, "green/app.db").size();
    for (std::size_t i = 0; i < kCommits; ++i) session.exec("INSERT INTO t VALUES(1)");
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    mounted.kill();
  }
  std::filesystem::remove(directory + "/green/app.db-shm");  // of the cached tier: out of date
  const std::vector<Buffer> states = states_in_history(directory, "green/app.db");
  CHECK(states.size() == before + kCommits);
  const bool ends_there = states.back() == committed_bytes(directory + "/green/app.db");
  CHECK(ends_there);
}

TEST_CASE("a folder gets the name of a former one in the middle of a transaction") {
  const auto tier = GENERATE(Mounted::Tier::kPassthrough, Mounted::Tier::kCached);
  const TempDir temp;
  const std::string directory = new_directory(temp);
  Mounted mounted(directory, tier);
  for (const char* folder : {"blue", "green"}) {
    REQUIRE(::mkdir(mounted.file(folder).c_str(), 0755) == 0);
    run_sql(mounted.file(folder) + "/app.db",
            {"CREATE TABLE t(id INTEGER PRIMARY KEY, v)",
             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<300) "
             "INSERT INTO t SELECT i, randomblob(600) FROM n"});
  }
  {
    SqliteSession session(mounted.file("blue/app.db"));
    session.exec("PRAGMA journal_mode=TRUNCATE; PRAGMA cache_size=2");
    session.exec("BEGIN; UPDATE t SET v=randomblob(610) WHERE id<200");
    std::filesystem::remove_all(mounted.file("green"));
    std::filesystem::rename(mounted.file("blue"), mounted.file("green"));
    session.exec("UPDATE t SET v=randomblob(620) WHERE id>250; COMMIT");
  }
  REQUIRE(mounted.unmount() == 0);
  const std::vector<Buffer> states = states_in_history(directory, "green/app.db");
  const bool ends_there = states.back() == committed_bytes(directory + "/green/app.db");
  CHECK(ends_there);
}

TEST_CASE("a copied database is captured when the copy is closed") {
  const TempDir temp;
  const std::string directory = new_directory(temp);
  Mounted mounted(directory);
  run_sql(temp.file("plain.db"), {"CREATE TABLE t(x)", "INSERT INTO t VALUES(randomblob(90000))"});
  std::filesystem::copy_file(temp.file("plain.db"), mounted.file("copy.db"));
  const Buffer first = committed_bytes(mounted.file("copy.db"));
  run_sql(temp.file("plain.db"), {"UPDATE t SET x=randomblob(100)"});
  std::filesystem::copy_file(temp.file("plain.db"), mounted.file("copy.db"),
                             std::filesystem::copy_options::overwrite_existing);
  REQUIRE(mounted.unmount() == 0);
  const std::vector<Buffer> states = distinct(states_in_history(directory, "copy.db"));
  REQUIRE(states.size() >= 2);
  CHECK(states.front() == first);
  CHECK(states.back() == committed_bytes(directory + "/copy.db"));
}

TEST_CASE("it is an ordinary file system: links, modes, times, directories") {
  const TempDir temp;
  const std::string directory = new_directory(temp);
  const Mounted mounted(directory);
  const std::string file = mounted.file("note.txt");
  write_file(file, as_bytes("hello"));
  REQUIRE(::chmod(file.c_str(), 0640) == 0);
  REQUIRE(::symlink("note.txt", mounted.file("link").c_str()) == 0);
  REQUIRE(::link(file.c_str(), mounted.file("hard").c_str()) == 0);
  struct stat st {};
  REQUIRE(::stat(mounted.file("link").c_str(), &st) == 0);
  CHECK((st.st_mode & 0777) == 0640);
  CHECK(st.st_nlink == 2);
  CHECK(st.st_size == 5);
  std::filesystem::create_directories(mounted.file("a/b/c"));
  for (int i = 0; i < 300; ++i) {
    write_file(mounted.file("a/" + std::to_string(i)), as_bytes("x"));
  }
  const auto entries = std::filesystem::directory_iterator(mounted.file("a"));
  CHECK(std::distance(begin(entries), end(entries)) == 301);
  CHECK(std::filesystem::remove_all(mounted.file("a")) == 303);
  CHECK(std::filesystem::read_symlink(mounted.file("link")) == "note.txt");
}

TEST_CASE("a directory is not mounted twice") {
  const TempDir temp;
  const std::string directory = new_directory(temp);
  const Mounted mounted(directory);
  const std::string command =
      std::string(LITETOOL_BINARY) + " mount " + directory + " 2>/dev/null >/dev/null";
  const int status = std::system(command.c_str());
  constexpr int kExists = 7;
  CHECK(WEXITSTATUS(status) == kExists);
}

}  // namespace
}  // namespace litetool::test
