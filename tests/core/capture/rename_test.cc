// A database that is renamed takes its history along, also when litetool is killed meanwhile.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>

#include "core/history/layout.h"
#include "core/history/rename_note.h"
#include "tests/core/capture/run.h"
#include "tests/mount/truth.h"
#include "tests/support/hooked_env.h"
#include "tests/support/sqlite_session.h"
#include "tests/support/temp_dir.h"

namespace litetool::test {
namespace {

std::string history_of(const TempDir& temp, const std::string& database) {
  return temp.file(history_folder_of(kHistoryFolder, database));
}

// A database with a history of two transactions.
void make_database(const TempDir& temp, const std::string& name) {
  SqliteSession session(temp.file(name));
  session.exec("CREATE TABLE t(x)");
  { CHECK(Run(temp.path()).loaded()); }
  session.exec("INSERT INTO t VALUES(randomblob(9000))");
  CHECK(Run(temp.path()).loaded());
}

// Renames in a process that is killed at that effect on the disk; its exit code.
int rename_elsewhere(const TempDir& temp, const std::string& from, const std::string& to,
                     std::uint64_t kill_at) {
  const pid_t pid = ::fork();
  REQUIRE(pid >= 0);
  if (pid == 0) {
    HookedEnv env("this run", kill_at);
    Run run(temp.path(), env);
    if (!run.loaded()) ::_exit(1);
    ::_exit(run.witness().rename(from, to, false, [&] {
      return ::rename(temp.file(from).c_str(), temp.file(to).c_str()) == 0 ? 0 : errno;
    }));
  }
  int status = 0;
  REQUIRE(::waitpid(pid, &status, 0) == pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void check_history(const TempDir& temp, const std::string& database) {
  INFO(database);
  const std::vector<Buffer> states = states_in_history(temp.path(), database);
  CHECK(states.size() == 2);
  const bool ends_there = states.back() == read_file(temp.file(database));
  CHECK(ends_there);
}

TEST_CASE("killed at any effect of a rename, the history has the name of its database", "[crash]") {
  const bool whole_directory = GENERATE(false, true);
  // The second has a name that its history does not tell.
  const std::vector<std::string> names = {"app.db", std::string(220, 'n') + ".db"};
  for (std::uint64_t at = 1;; ++at) {
    INFO("killed at effect " << at);
    REQUIRE(at < 100);
    const TempDir temp;
    std::filesystem::create_directory(temp.file("old"));
    for (const std::string& name : names) make_database(temp, "old/" + name);
    const std::string from = whole_directory ? "old" : "old/" + names[1];
    const std::string to = whole_directory ? "new" : "moved.db";
    const int code = rename_elsewhere(temp, from, to, at);
    REQUIRE((code == 0 || code == FaultEnv::kKilled));
    const bool done = std::filesystem::exists(temp.file(to));
    {
      HookedEnv env("this run");
      Run run(temp.path(), env);
      REQUIRE(run.loaded());
      CHECK(run.warnings().empty());
    }
    for (const std::string& name : names) {
      const std::string before = "old/" + name;
      const bool concerned = whole_directory || before == from;
      check_history(temp, done && concerned ? (whole_directory ? "new/" + name : to) : before);
      if (done && concerned) CHECK_FALSE(std::filesystem::exists(history_of(temp, before)));
    }
    CHECK_FALSE(
        std::filesystem::exists(HistoryRoot{kCwd, temp.file(".litetool")}.file(kRenameFile)));
    if (code == 0) break;
  }
}

// Both histories can be read from end to end, and end at their databases.
void check_ends(const TempDir& temp, const std::vector<std::string>& names) {
  Run run(temp.path());
  REQUIRE(run.loaded());
  for (const std::string& name : names) {
    INFO(name);
    CHECK(run.status(name).state == CaptureState::kReady);
    const std::vector<Buffer> states = states_in_history(temp.path(), name);
    const bool ends_there = states.back() == read_file(temp.file(name));
    CHECK(ends_there);
  }
}

TEST_CASE("a history that cannot follow a rename ends, and no two databases share one") {
  const TempDir temp;
  std::filesystem::create_directory(temp.file("blue"));
  std::filesystem::create_directory(temp.file("green"));
  make_database(temp, "blue/app.db");
  make_database(temp, "green/app.db");
  const auto change = [&](Run& run, const std::string& name) {
    SqliteSession(temp.file(name)).exec("CREATE TABLE IF NOT EXISTS t(x); INSERT INTO t VALUES(1)");
    const auto database = run.database(name);
    database->opened(FileRole::kJournal, 1, false);
    database->before_remove(FileRole::kJournal);
    database->after_remove(FileRole::kJournal, true);
  };
  {
    Run run(temp.path());
    REQUIRE(run.loaded());
    const auto green = run.database("green/app.db");
    const auto rename = [&](const std::string& from, const std::string& to, unsigned flags = 0) {
      return run.witness().rename(from, to, flags == RENAME_EXCHANGE, [&] {
        return ::renameat2(AT_FDCWD, temp.file(from).c_str(), AT_FDCWD, temp.file(to).c_str(),
                           flags);
      });
    };
    SECTION("a folder in the place of one that had such a database") {
      green->before_remove(FileRole::kDatabase);
      std::filesystem::remove(temp.file("green/app.db"));
      green->after_remove(FileRole::kDatabase, true);
      std::filesystem::remove(temp.file("green"));
      CHECK(rename("blue", "green") == 0);
      std::filesystem::create_directory(temp.file("blue"));
    }
    SECTION("a database in the place of one that was not loaded") {
      green->retire();
      CHECK(rename("blue/app.db", "green/app.db") == 0);
    }
    SECTION("folders that change places") {
      CHECK(rename("blue", "green", RENAME_EXCHANGE) == 0);
    }
    change(run, "blue/app.db");
    change(run, "green/app.db");
    change(run, "blue/app.db");
    run.stop();
  }
  check_ends(temp, {"blue/app.db", "green/app.db"});
}

TEST_CASE("a database that changes places with what is none takes its history along") {
  const TempDir temp;
  std::filesystem::create_directory(temp.file("blue"));
  std::filesystem::create_directory(temp.file("green"));
  write_file(temp.file("text"), as_bytes("no database"));
  make_database(temp, "green/app.db");
  const bool is_known = GENERATE(true, false);
  std::string from, to, database;
  SECTION("with a file") {
    from = GENERATE("text", "green/app.db");
    to = from == "text" ? "green/app.db" : "text";
    database = "text";
  }
  SECTION("with a folder without databases") {
    from = GENERATE("blue", "green");
    to = from == "blue" ? "green" : "blue";
    database = "blue/app.db";
  }
  {
    Run run(temp.path());
    REQUIRE(run.loaded());
    if (is_known) (void)run.database("text");
    CHECK(run.witness().rename(from, to, true, [&] {
      return ::renameat2(AT_FDCWD, temp.file(from).c_str(), AT_FDCWD, temp.file(to).c_str(),
                         RENAME_EXCHANGE);
    }) == 0);
    run.stop();
  }
  {
    Run run(temp.path());
    REQUIRE(run.loaded());
  }
  check_history(temp, database);
}

TEST_CASE("a note of a rename that was not done, or undone since, moves nothing") {
  const TempDir temp;
  make_database(temp, "app.db");
  make_database(temp, "other.db");
  const HistoryRoot root{kCwd, temp.file(".litetool")};
  struct stat st {};
  REQUIRE(::stat(temp.file("app.db").c_str(), &st) == 0);
  RenameNote note{st.st_ino, {{"app.db", "moved.db"}}};
  SECTION("not done") {}
  SECTION("another file has the new name") {
    note = {st.st_ino + 1, {{"gone.db", "other.db"}}};
    std::filesystem::create_directories(root.folder_of("gone.db"));
  }
  REQUIRE(write_rename_note(posix_env(), root, note));
  {
    Run run(temp.path());
    REQUIRE(run.loaded());
  }
  check_history(temp, "app.db");
  check_history(temp, "other.db");
  CHECK_FALSE(std::filesystem::exists(root.file(kRenameFile)));
}

}  // namespace
}  // namespace litetool::test
