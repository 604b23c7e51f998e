// The end of a journal commits a transaction of rollback mode: what is in the history before and
// after it, whoever dies when.
#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/core/capture/run.h"
#include "tests/mount/truth.h"
#include "tests/support/interrupted_vfs.h"
#include "tests/support/sqlite_session.h"
#include "tests/support/temp_dir.h"

namespace litetool::test {
namespace {

struct Journalled {
  const char* setting;  // of the session that commits
  const char* change;
};

// In the middle of a commit, before its journal ends.
struct Middle {
  Buffer database;
  Buffer journal;

  void put_back(const std::string& path, bool committed) const {
    write_file(path, database);
    committed ? void(std::filesystem::remove(path + "-journal"))
              : write_file(path + "-journal", journal);
  }
};

// A database with one transaction in its history.
void make_database(const TempDir& temp, const std::string& path) {
  {
    SqliteSession session(path);
    session.exec("CREATE TABLE t(x)");
    session.exec("INSERT INTO t VALUES(randomblob(30000)), (1)");
  }
  REQUIRE(Run(temp.path()).loaded());
}

TEST_CASE("a transaction whose journal did not end is in no history", "[crash]") {
  const auto [setting, change] =
      GENERATE(values<Journalled>({{"PRAGMA synchronous=FULL", "UPDATE t SET x=2"},
                                   {"PRAGMA synchronous=OFF", "UPDATE t SET x=2"},
                                   {"PRAGMA page_size=8192", "VACUUM"},
                                   {"PRAGMA page_size=512", "VACUUM"}}));
  const bool by_unlink = GENERATE(true, false);
  const bool committed = GENERATE(true, false);
  const TempDir temp;
  const std::string path = temp.file("app.db");
  make_database(temp, path);
  const Buffer before = read_file(path);
  Middle middle;
  {
    Run run(temp.path());
    REQUIRE(run.loaded());
    const auto database = run.database("app.db");
    const auto end_of_journal = [&] {
      by_unlink ? database->before_remove(FileRole::kJournal)
                : database->before_resize(FileRole::kJournal, 0);
      middle = {read_file(path), read_file(path + "-journal")};
    };
    CHECK(fails_to_commit(path, std::string(setting) + ";" + change, end_of_journal));
    CHECK(states_in_history(temp.path(), "app.db").size() == 1);
  }
  middle.put_back(path, committed);
  Run again(temp.path());
  REQUIRE(again.loaded());
  CHECK(again.warnings().empty());
  const std::vector<Buffer> states = states_in_history(temp.path(), "app.db");
  CHECK(states.size() == (committed ? 2 : 1));
  const bool as_it_was = states.back() == (committed ? middle.database : before);
  CHECK(as_it_was);
}

TEST_CASE("what the end of a journal commits is in the history when the journal is gone") {
  const std::string change = GENERATE(as<std::string>(), "UPDATE t SET x=2",
                                      "PRAGMA page_size=8192; VACUUM", "DELETE FROM t");
  const bool goes = GENERATE(true, false);
  const TempDir temp;
  const std::string path = temp.file("app.db");
  make_database(temp, path);
  Run run(temp.path());
  REQUIRE(run.loaded());
  const auto database = run.database("app.db");
  const auto end_of_journal = [&] {
    database->before_remove(FileRole::kJournal);
    if (goes) std::filesystem::remove(path + "-journal");
    database->after_remove(FileRole::kJournal, goes);
    const std::vector<Buffer> states = states_in_history(temp.path(), "app.db");
    CHECK(states.size() == (goes ? 2 : 1));
    if (!goes) return;
    const bool ends_at_file = states.back() == read_file(path);
    CHECK(ends_at_file);
  };
  CHECK(fails_to_commit(path, change, end_of_journal));
}

TEST_CASE("the first transaction of a database is none until its journal ends", "[crash]") {
  const bool committed = GENERATE(true, false);
  const TempDir temp;
  const std::string path = temp.file("app.db");
  Middle middle;
  {
    Run run(temp.path());
    write_file(path, {});
    const auto database = run.database("app.db");
    REQUIRE(database != nullptr);
    CHECK(fails_to_commit(path, "CREATE TABLE t(x)", [&] {
      database->before_remove(FileRole::kJournal);
      middle = {read_file(path), read_file(path + "-journal")};
    }));
  }
  middle.put_back(path, committed);
  Run again(temp.path());
  REQUIRE(again.loaded());
  const std::vector<Buffer> states = states_in_history(temp.path(), "app.db");
  CHECK(states.size() == (committed ? 1 : 0));
}

TEST_CASE("a commit that told nobody is captured before the next one writes pages") {
  const TempDir temp;
  const std::string path = temp.file("app.db");
  make_database(temp, path);
  Run run(temp.path());
  REQUIRE(run.loaded());
  const auto database = run.database("app.db");
  SqliteSession session(path);
  const auto all_written = [&] {
    database->after_write(FileRole::kDatabase, 0, std::filesystem::file_size(path));
  };
  session.exec("PRAGMA journal_mode=PERSIST; PRAGMA synchronous=OFF; PRAGMA cache_size=2");
  database->opened(FileRole::kDatabase, 1, true);
  session.exec("BEGIN; UPDATE t SET x=2 WHERE x=1");
  database->opened(FileRole::kJournal, 2, false);
  all_written();
  session.exec("COMMIT");
  const Buffer silent = read_file(path);

  session.exec("PRAGMA synchronous=NORMAL; BEGIN; UPDATE t SET x=3 WHERE x=2");
  database->before_sync(FileRole::kJournal);
  session.exec("UPDATE t SET x=randomblob(40000)");  // spills
  database->catch_up();
  session.exec("COMMIT");
  all_written();
  database->before_sync(FileRole::kJournal);

  const std::vector<Buffer> states = states_in_history(temp.path(), "app.db");
  REQUIRE(states.size() == 3);
  CHECK((states[1] == silent));
  CHECK((states[2] == read_file(path)));
}

}  // namespace
}  // namespace litetool::test
