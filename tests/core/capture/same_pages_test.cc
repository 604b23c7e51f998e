// Pages that a transaction wrote to the log as they were are no part of its image.
#include <catch2/catch.hpp>
#include <optional>

#include "tests/core/capture/run.h"
#include "tests/mount/truth.h"
#include "tests/support/sqlite_session.h"
#include "tests/support/temp_dir.h"

namespace litetool::test {
namespace {

constexpr std::size_t kPageSize = 4096;
// Rows, one on each page; so many that more than one thread compresses them.
constexpr int kFew = 30;
constexpr int kMany = 900;

std::string rows(int count) {
  return "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<" +
         std::to_string(count) + ") INSERT INTO t(n, v) SELECT 2, randomblob(3000) FROM n";
}

// A database in a log that a client keeps open, and the capture of its directory.
class Logged {
 public:
  // Two transactions of the history: all pages, and a row.
  explicit Logged(int count) : session_(temp_.file("app.db")) {
    session_.exec("PRAGMA journal_mode=WAL");
    session_.exec("PRAGMA wal_autocheckpoint=0");
    session_.exec("CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER, v BLOB)");
    session_.exec(rows(count));
    start();
    commit("UPDATE t SET v=randomblob(3000) WHERE id=1");
  }

  void commit(const std::string& sql) {
    session_.exec(sql);
    captured();
  }
  // All pages of another file are written over it.
  void replace_with(const std::string& name) {
    SqliteSession from(temp_.file(name));
    sqlite3_backup* backup = sqlite3_backup_init(session_.get(), "main", from.get(), "main");
    REQUIRE(backup != nullptr);
    CHECK(sqlite3_backup_step(backup, -1) == SQLITE_DONE);
    CHECK(sqlite3_backup_finish(backup) == SQLITE_OK);
  }
  void captured() {
    if (run_) run_->database("app.db")->catch_up();
    states_.push_back(committed_bytes(temp_.file("app.db")));
  }
  void die() { run_.reset(); }
  void start() {
    run_.emplace(temp_.path());
    REQUIRE(run_->loaded());
    run_->database("app.db")->opened(FileRole::kWal, 1, false);
    if (states_.empty()) captured();
  }

  SqliteSession& session() { return session_; }
  const TempDir& temp() const { return temp_; }

  // Each image but the first has the pages that differ, or one where none does.
  void check(std::size_t transactions) {
    CHECK(run_->warnings().empty());
    const std::vector<Buffer> history = states_in_history(temp_.path(), "app.db");
    REQUIRE(history.size() == transactions);
    const bool as_recorded = history == states_;
    CHECK(as_recorded);
    const auto images = image_pages(temp_.path(), "app.db");
    for (std::size_t i = 1; i < history.size(); ++i) {
      INFO("transaction " << i + 1);
      const auto changed = differing_pages(history[i - 1], history[i], kPageSize);
      if (changed.empty()) {
        CHECK(images[i].size() == 1);
      } else {
        CHECK(images[i] == changed);
      }
    }
  }

 private:
  TempDir temp_;
  SqliteSession session_;
  std::optional<Run> run_;
  std::vector<Buffer> states_;
};

TEST_CASE("a replacement of all pages, of which few differ, has only those in its image") {
  const int count = GENERATE(kFew, kMany);
  const bool dies = GENERATE(false, true);
  Logged logged(count);
  logged.session().exec("VACUUM INTO '" + logged.temp().file("new") + "'");
  logged.replace_with("new");
  logged.captured();
  {
    SqliteSession other(logged.temp().file("new"));
    other.exec("UPDATE t SET v=randomblob(3000) WHERE id=20");
  }
  if (dies) logged.die();
  logged.replace_with("new");
  logged.captured();
  if (dies) logged.start();
  logged.check(4);
}

TEST_CASE("replacements that grow and shrink the database") {
  const int count = GENERATE(kFew, kMany);
  Logged logged(count);
  logged.session().exec("VACUUM INTO '" + logged.temp().file("new") + "'");
  for (const std::string& sql : {rows(40), std::string("DELETE FROM t WHERE id > 10")}) {
    SqliteSession other(logged.temp().file("new"));
    other.exec(sql + "; VACUUM");
    logged.replace_with("new");
    logged.captured();
  }
  logged.check(4);
}

TEST_CASE("a transaction that wrote pages and changed none is one, with one page") {
  const int count = GENERATE(kFew, kMany);
  const bool dies = GENERATE(false, true);
  Logged logged(count);
  if (dies) logged.die();
  for (const char* pages : {"id=7", "true"}) {
    const std::string where = std::string(" WHERE ") + pages + ";";
    logged.commit("BEGIN; UPDATE t SET n=3" + where + "UPDATE t SET n=2" + where + "COMMIT");
  }
  logged.commit("UPDATE t SET n=3 WHERE id=7");
  if (dies) logged.start();
  logged.check(5);
}

}  // namespace
}  // namespace litetool::test
