// Starting: the history of each database comes to the state of its files.
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <future>

#include "core/history/layout.h"
#include "formats/sqlite/file_header.h"
#include "tests/core/capture/run.h"
#include "tests/mount/truth.h"
#include "tests/support/hooked_env.h"
#include "tests/support/sqlite_session.h"
#include "tests/support/temp_dir.h"

namespace litetool::test {
namespace {

// Leaves the WAL as it is at the last close, as a killed client does.
void keep_wal(SqliteSession& session) {
  REQUIRE(sqlite3_db_config(session.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr) ==
          SQLITE_OK);
}

void make_database(const std::string& path, const std::string& mode) {
  SqliteSession session(path);
  session.exec("PRAGMA journal_mode=" + mode);
  session.exec("CREATE TABLE t(x)");
  session.exec("INSERT INTO t VALUES(randomblob(20000)), (1)");
}

// What is marked as found by comparing, one line for each transaction; empty without any.
std::string marks_of(const TempDir& temp, const std::string& database) {
  const std::string path = temp.file(history_folder_of(kHistoryFolder, database) + "/marks");
  if (!std::filesystem::exists(path)) return "";
  const Buffer text = read_file(path);
  return std::string(reinterpret_cast<const char*>(text.data()), text.size());
}

bool ends_at_database(const TempDir& temp, const std::string& database) {
  return states_in_history(temp.path(), database).back() == committed_bytes(temp.file(database));
}

TEST_CASE("a database without a history is adopted with all its pages") {
  const auto mode = GENERATE(as<std::string>(), "DELETE", "WAL");
  const TempDir temp;
  std::filesystem::create_directories(temp.file("sub"));
  make_database(temp.file("sub/app.db"), mode);
  write_file(temp.file("note.txt"), as_bytes("no database"));
  Run run(temp.path());
  REQUIRE(run.loaded());
  CHECK(states_in_history(temp.path(), "sub/app.db").size() == 1);
  CHECK(ends_at_database(temp, "sub/app.db"));
  CHECK(run.warnings().empty());
  CHECK(run.status("sub/app.db").state == CaptureState::kReady);
  CHECK(run.status("sub/app.db").journal_mode == (mode == "WAL" ? "wal" : "rollback"));
  CHECK_FALSE(std::filesystem::exists(temp.file(history_folder_of(kHistoryFolder, "note.txt"))));
}

TEST_CASE("after a clean stop neither the database nor its history is read") {
  const TempDir temp;
  make_database(temp.file("app.db"), "WAL");
  {
    Run run(temp.path());
    REQUIRE(run.loaded());
    run.stop();
  }
  HookedEnv env;
  std::atomic<std::size_t> bytes{0};
  std::atomic<std::size_t> of_history{0};
  env.on_read = [&](const std::string& path, std::size_t n) {
    if (path == "app.db") bytes += n;
    if (path.ends_with(kSegmentSuffix)) of_history += n;
  };
  Run again(temp.path(), env);
  REQUIRE(again.loaded());
  CHECK(bytes <= kFileHeaderSize);
  CHECK(of_history < 10000);
  CHECK(again.status("app.db").pos.txid == Txid{1});
}

TEST_CASE("a log that has only grown since a clean stop needs no look at the database") {
  const TempDir temp;
  make_database(temp.file("app.db"), "WAL");
  {
    Run run(temp.path());
    REQUIRE(run.loaded());
    run.stop();
  }
  SqliteSession session(temp.file("app.db"));
  keep_wal(session);
  session.exec("INSERT INTO t VALUES(2)");
  session.exec("INSERT INTO t VALUES(3)");
  Run again(temp.path());
  REQUIRE(again.loaded());
  again.database("app.db")->opened(FileRole::kWal, 1, false);
  CHECK(again.status("app.db").pos.txid == Txid{3});
  CHECK(ends_at_database(temp, "app.db"));
  CHECK(marks_of(temp, "app.db").empty());
}

TEST_CASE("transactions that stand in the log are entered one by one", "[crash]") {
  const TempDir temp;
  make_database(temp.file("app.db"), "WAL");
  { CHECK(Run(temp.path()).loaded()); }
  std::vector<Buffer> states = {committed_bytes(temp.file("app.db"))};
  {
    SqliteSession session(temp.file("app.db"));
    keep_wal(session);
    for (int i = 0; i < 7; ++i) {
      session.exec("INSERT INTO t VALUES(randomblob(5000))");
      states.push_back(committed_bytes(temp.file("app.db")));
    }
  }
  for (int death = 0; death < 2; ++death) {
    Run run(temp.path());
    REQUIRE(run.loaded());
    const bool equal = states_in_history(temp.path(), "app.db") == states;
    CHECK(equal);
    CHECK(marks_of(temp, "app.db").empty());
  }
}

TEST_CASE("what stood in the log at the adoption is not entered again", "[crash]") {
  const TempDir temp;
  SqliteSession session(temp.file("app.db"));
  keep_wal(session);
  session.exec("PRAGMA journal_mode=WAL; CREATE TABLE t(x); INSERT INTO t VALUES(1)");
  session.exec("INSERT INTO t VALUES(randomblob(20000)); UPDATE t SET x=2 WHERE x=1");
  const bool compared = GENERATE(false, true);
  if (compared) {
    { CHECK(Run(temp.path()).loaded()); }
    session.exec("UPDATE t SET x=3 WHERE x=2; PRAGMA wal_checkpoint(RESTART)");
    session.exec("UPDATE t SET x=4 WHERE x=3; INSERT INTO t VALUES(5)");
  }
  { CHECK(Run(temp.path()).loaded()); }
  std::vector<Buffer> states = states_in_history(temp.path(), "app.db");
  REQUIRE(states.size() == (compared ? 2 : 1));
  for (int i = 0; i < 3; ++i) {
    session.exec("UPDATE t SET x=randomblob(3000)");
    states.push_back(committed_bytes(temp.file("app.db")));
  }
  Run run(temp.path());
  REQUIRE(run.loaded());
  CHECK((states_in_history(temp.path(), "app.db") == states));
  CHECK(run.warnings().empty());
}

TEST_CASE("a log that follows on something unknown is no source", "[crash]") {
  const TempDir temp;
  make_database(temp.file("app.db"), "WAL");
  { CHECK(Run(temp.path()).loaded()); }
  SqliteSession session(temp.file("app.db"));
  keep_wal(session);
  // The pages of the first one are written again later: at the end, nothing of it is missing.
  session.exec("UPDATE t SET x=2 WHERE x=1; PRAGMA wal_checkpoint(RESTART)");
  session.exec("CREATE TABLE u(x); INSERT INTO u VALUES(1)");
  session.exec("UPDATE t SET x=3 WHERE x=2");
  Run run(temp.path());
  REQUIRE(run.loaded());
  CHECK(states_in_history(temp.path(), "app.db").size() == 2);
  CHECK(ends_at_database(temp, "app.db"));
  CHECK_FALSE(marks_of(temp, "app.db").empty());
}

TEST_CASE("what no source explains becomes one marked transaction", "[crash]") {
  const auto mode = GENERATE(as<std::string>(), "DELETE", "WAL");
  const TempDir temp;
  make_database(temp.file("app.db"), mode);
  { CHECK(Run(temp.path()).loaded()); }
  {
    SqliteSession session(temp.file("app.db"));
    session.exec("INSERT INTO t VALUES(2)");
    session.exec("DELETE FROM t WHERE x=1");
    if (mode == "WAL") session.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    session.exec("INSERT INTO t VALUES(3)");
  }
  Run run(temp.path());
  REQUIRE(run.loaded());
  CHECK(states_in_history(temp.path(), "app.db").size() == 2);
  CHECK(ends_at_database(temp, "app.db"));
  CHECK_FALSE(marks_of(temp, "app.db").empty());
}

TEST_CASE("a journal that the next client will play back is looked through", "[crash]") {
  const TempDir temp;
  make_database(temp.file("app.db"), "DELETE");
  { CHECK(Run(temp.path()).loaded()); }
  const Buffer before = read_file(temp.file("app.db"));
  {
    SqliteSession session(temp.file("app.db"));
    session.exec("PRAGMA cache_size=1");
    session.exec("BEGIN");
    session.exec("UPDATE t SET x=randomblob(20000)");
    const Buffer spilled = read_file(temp.file("app.db"));
    const Buffer journal = read_file(temp.file("app.db-journal"));
    session.exec("ROLLBACK");
    write_file(temp.file("killed.db"), spilled);
    write_file(temp.file("killed.db-journal"), journal);
  }
  std::filesystem::rename(temp.file("killed.db"), temp.file("app.db"));
  std::filesystem::rename(temp.file("killed.db-journal"), temp.file("app.db-journal"));
  Run run(temp.path());
  REQUIRE(run.loaded());
  const std::vector<Buffer> states = states_in_history(temp.path(), "app.db");
  CHECK(states.size() == 1);
  CHECK(states.back() == before);
  CHECK(std::filesystem::exists(temp.file("app.db-journal")));
}

TEST_CASE("a database that was removed or emptied meanwhile ends with a drop") {
  const bool remove = GENERATE(true, false);
  const TempDir temp;
  make_database(temp.file("app.db"), "DELETE");
  { CHECK(Run(temp.path()).loaded()); }
  if (remove) {
    std::filesystem::remove(temp.file("app.db"));
  } else {
    std::filesystem::resize_file(temp.file("app.db"), 0);
  }
  for (int i = 0; i < 2; ++i) {
    Run run(temp.path());
    REQUIRE(run.loaded());
    const std::vector<Buffer> states = states_in_history(temp.path(), "app.db");
    REQUIRE(states.size() == 2);
    CHECK(states.back().empty());
  }
}

TEST_CASE("D8, D69: a damaged database is served, reported and left alone, the others captured") {
  const TempDir temp;
  make_database(temp.file("bad.db"), "DELETE");
  make_database(temp.file("good.db"), "DELETE");
  { CHECK(Run(temp.path()).loaded()); }
  std::filesystem::resize_file(temp.file("bad.db"), 50);
  SqliteSession(temp.file("good.db")).exec("INSERT INTO t VALUES(2)");
  Run run(temp.path());
  REQUIRE(run.loaded());
  CHECK(run.status("bad.db").state == CaptureState::kNotCaptured);
  CHECK_FALSE(run.status("bad.db").why.empty());
  CHECK(std::filesystem::file_size(temp.file("bad.db")) == 50);
  CHECK(states_in_history(temp.path(), "bad.db").size() == 1);
  CHECK(run.status("good.db").state == CaptureState::kReady);
  CHECK(ends_at_database(temp, "good.db"));
}

// The loader is inside the database file while this holds it.
struct HeldLoad {
  HookedEnv env;
  std::promise<void> reached;
  std::promise<void> go_on;
  std::atomic<bool> released{false};

  HeldLoad() {
    env.on_read = [this, first = std::make_shared<std::atomic<bool>>(true),
                   wait = go_on.get_future().share()](const std::string& path, std::size_t n) {
      if (path != "app.db" || n < 4096 || !first->exchange(false)) return;
      reached.set_value();
      wait.wait();
    };
  }
  void release() {
    released = true;
    go_on.set_value();
  }
};

TEST_CASE("opens do not wait for a load, a write to the database does") {
  const TempDir temp;
  make_database(temp.file("app.db"), "DELETE");
  HeldLoad held;
  {
    Run run(temp.path(), held.env);
    held.reached.get_future().wait();
    const std::shared_ptr<Database> database = run.database("app.db");
    database->before_open();
    database->opened(FileRole::kDatabase, 1, true);
    CHECK(run.status("app.db").state == CaptureState::kLoading);
    auto write = std::async(std::launch::async, [&] {
      database->before_write(FileRole::kDatabase);
      return held.released.load();
    });
    held.release();
    CHECK(write.get());
    REQUIRE(run.loaded());
  }
  CHECK(ends_at_database(temp, "app.db"));
}

TEST_CASE("a file that is written to while it is read is read again") {
  const TempDir temp;
  make_database(temp.file("app.db"), "DELETE");
  HookedEnv env;
  std::atomic<bool> written{false};
  env.on_read = [&](const std::string& path, std::size_t n) {
    if (path != "app.db" || n < 4096 || written.exchange(true)) return;
    SqliteSession(temp.file("app.db")).exec("INSERT INTO t VALUES(randomblob(90000))");
  };
  Run run(temp.path(), env);
  REQUIRE(run.loaded());
  CHECK(written);
  CHECK(states_in_history(temp.path(), "app.db").size() == 1);
  CHECK(ends_at_database(temp, "app.db"));
}

TEST_CASE("the timer captures commits of WAL mode, also after a quiet time") {
  const TempDir temp;
  make_database(temp.file("app.db"), "WAL");
  SqliteSession session(temp.file("app.db"));
  session.exec("PRAGMA synchronous=NORMAL");
  session.exec("INSERT INTO t VALUES(2)");
  Run run(temp.path());
  REQUIRE(run.loaded());
  const std::shared_ptr<Database> database = run.database("app.db");
  database->opened(FileRole::kWal, 1, false);
  database->opened(FileRole::kShm, 1, false);
  run.witness().watch(database);
  for (const int pause_ms : {0, 300, 1}) {
    const Txid before = database->position().txid;
    std::this_thread::sleep_for(std::chrono::milliseconds(pause_ms));
    session.exec("INSERT INTO t VALUES(3)");
    for (int i = 0; i < 3000 && database->position().txid == before; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    CHECK(database->position().txid == before.next());
  }
  CHECK(run.warnings().empty());
}

}  // namespace
}  // namespace litetool::test
