// What is on the disk when a client hears that its sync is done.
#include <catch2/catch.hpp>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "core/history/layout.h"
#include "core/history/redo.h"
#include "tests/core/capture/run.h"
#include "tests/mount/truth.h"
#include "tests/support/hooked_env.h"
#include "tests/support/sqlite_session.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unsynced_env.h"

namespace litetool::test {
namespace {

std::string segment_in(const std::string& folder) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    if (name.ends_with(kSegmentSuffix)) return entry.path();
  }
  return "";
}

// A database in WAL mode that is watched, with a transaction in its log that is not captured yet.
struct WatchedLog {
  WatchedLog() {
    session.exec("PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; CREATE TABLE t(x)");
    run.emplace(temp.path(), env);
    REQUIRE(run->loaded());
    database = run->database("app.db");
    database->opened(FileRole::kWal, 2, false);
    session.exec("INSERT INTO t VALUES(1)");
  }

  TempDir temp;
  SqliteSession session{temp.file("app.db")};
  HookedEnv env;
  std::optional<Run> run;
  std::shared_ptr<Database> database;
};

}  // namespace

TEST_CASE(
    "a transaction is in the history on the disk before the sync of its database is answered") {
  const std::string mode = GENERATE("DELETE", "WAL");
  const TempDir temp;
  const TempDir attic;
  SqliteSession session(temp.file("app.db"));
  session.exec("PRAGMA journal_mode=" + mode + "; PRAGMA wal_autocheckpoint=0; CREATE TABLE t(x)");
  UnsyncedEnv env(posix_env(), attic.path());
  Run run(temp.path(), env);
  REQUIRE(run.loaded());
  const auto database = run.database("app.db");
  const auto role = mode == "WAL" ? FileRole::kWal : FileRole::kJournal;
  for (int round = 0; round < 3; ++round) {
    session.exec("INSERT INTO t VALUES(randomblob(9000))");
    const std::string segment = segment_in(temp.path());
    const Buffer before = read_file(segment);
    database->opened(role, 2, false);
    database->before_sync(FileRole::kDatabase);
    const Buffer answered = read_file(segment);
    CHECK(answered.size() > before.size() + 9000);
    env.cut(Lost::kAll);
    CHECK((read_file(segment) == answered));
    if (role == FileRole::kJournal) {
      database->before_remove(role);
      env.cut(Lost::kAll);  // the journal's end commits what is safe already
      CHECK((read_file(segment) == answered));
      database->after_remove(role, true);
    }
    database->closed(role, 2);
    CHECK(database->position().txid == Txid{static_cast<std::uint64_t>(round) + 2});
  }
}

TEST_CASE("others go on while the disk makes the history safe at the end of a checkpoint") {
  WatchedLog log;
  const bool commits = GENERATE(false, true);
  int syncs = 0;
  std::future<Pos> seen;
  log.env.on_sync = [&](const std::string& path) {
    if (!path.ends_with(kSegmentSuffix) || ++syncs != 1) return;
    if (commits) log.session.exec("INSERT INTO t VALUES(2)");
    seen = std::async(std::launch::async, [&] {
      log.database->catch_up();
      return log.database->position();
    });
    CHECK(seen.wait_for(std::chrono::seconds(10)) == std::future_status::ready);
  };
  log.database->before_sync(FileRole::kDatabase);
  REQUIRE(seen.valid());
  const Txid end{commits ? 3U : 2U};
  CHECK(seen.get().txid == end);
  CHECK(log.database->position().txid == end);
  CHECK(syncs == (commits ? 2 : 1));  // what came meanwhile is made safe, too
}

TEST_CASE("a sync that fails while others go on is not forgotten") {
  WatchedLog log;
  log.env.fails_sync = true;
  log.database->before_sync(FileRole::kDatabase);
  log.env.fails_sync = false;
  CHECK(log.run->status("app.db").state != CaptureState::kReady);
  CHECK_FALSE(log.run->warnings().empty());
}

TEST_CASE("the sync of a log does not wait for a capture that is at work") {
  WatchedLog log;
  std::promise<void> reached;
  std::promise<void> synced;
  bool first = true;
  log.env.on_read = [&](const std::string&, std::size_t) {
    if (!std::exchange(first, false)) return;
    reached.set_value();
    synced.get_future().wait();
  };
  std::thread capture([&] { log.database->catch_up(); });
  reached.get_future().wait();
  auto sync = std::async([&] { log.database->before_sync(FileRole::kWal); });
  CHECK(sync.wait_for(std::chrono::seconds(10)) == std::future_status::ready);
  synced.set_value();
  capture.join();
}

TEST_CASE("a synced transaction that a power cut takes from the segment is in the redo log") {
  // With one record, some, more than it takes, and one that is too large.
  const int commits = GENERATE(5, 12, 60, 61);
  const TempDir temp;
  const TempDir attic;
  SqliteSession session(temp.file("app.db"));
  session.exec("CREATE TABLE t(x)");
  UnsyncedEnv env(posix_env(), attic.path());
  const std::string folder = temp.file(history_folder_of(kHistoryFolder, "app.db"));
  const std::string log = folder + "/" + std::string(kRedoFile);
  Buffer answered;
  {
    Run run(temp.path(), env);
    REQUIRE(run.loaded());
    const auto database = run.database("app.db");
    for (int commit = 1; commit <= commits; ++commit) {
      const int size = commit == 61 ? 200000 : 9000;
      session.exec("INSERT INTO t VALUES(randomblob(" + std::to_string(size) + "))");
      database->opened(FileRole::kJournal, 2, false);
      database->before_sync(FileRole::kDatabase);
      const auto file = env.open(kCwd, temp.file("app.db"), OpenMode::kRead, 0);
      REQUIRE((*file)->sync());
      answered = read_file(segment_in(temp.path()));
      if (commit == commits) break;
      database->before_remove(FileRole::kJournal);
      database->after_remove(FileRole::kJournal, true);
      database->closed(FileRole::kJournal, 2);
    }
  }
  REQUIRE(std::filesystem::exists(log));
  const bool is_same_run = GENERATE(false, true);
  if (!is_same_run) {
    env.cut(Lost::kAll);
    CHECK((read_file(segment_in(temp.path())) == answered) == (commits == 61));
    env.boot = "after the cut";
  }
  REQUIRE(redo(env, kCwd, folder, !is_same_run));
  CHECK((read_file(segment_in(temp.path())) == answered));
  CHECK_FALSE(std::filesystem::exists(log));
  env.cut(Lost::kAll);
  CHECK((read_file(segment_in(temp.path())) == answered));
}

TEST_CASE("a database that rests, is unmounted or cannot be synced has no redo log") {
  const std::string what = GENERATE("rests", "stops", "fails");
  const TempDir temp;
  const TempDir attic;
  SqliteSession session(temp.file("app.db"));
  session.exec("CREATE TABLE t(x)");
  UnsyncedEnv env(posix_env(), attic.path());
  const std::string log =
      temp.file(history_folder_of(kHistoryFolder, "app.db") + "/" + std::string(kRedoFile));
  Run run(temp.path(), env);
  REQUIRE(run.loaded());
  const auto database = run.database("app.db");
  for (int commit = 0; commit < 6; ++commit) {
    session.exec("INSERT INTO t VALUES(1)");
    database->opened(FileRole::kJournal, 2, false);
    database->before_sync(FileRole::kDatabase);
    database->before_remove(FileRole::kJournal);
    database->after_remove(FileRole::kJournal, true);
    database->closed(FileRole::kJournal, 2);
  }
  CHECK(std::filesystem::exists(log));
  if (what == "stops") {
    run.stop();
  } else if (what == "fails") {
    database->sync_failed();
  } else {
    database->rest();
    CHECK(std::filesystem::exists(log));
    database->rest();
  }
  CHECK_FALSE(std::filesystem::exists(log));
}

}  // namespace litetool::test
