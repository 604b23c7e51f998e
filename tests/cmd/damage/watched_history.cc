#include "tests/cmd/damage/watched_history.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "core/history/layout.h"
#include "tests/core/capture/run.h"
#include "tests/mount/truth.h"
#include "tests/support/sqlite_session.h"

namespace litetool::test {
namespace {

constexpr const char* kNumbers =
    "WITH RECURSIVE g(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM g WHERE i<120) ";

// Interior pages and overflow pages of tables and indexes, pointer map, freelist; the last of them
// rewrites a part of the pages.
constexpr const char* kWork[] = {
    "INSERT INTO plain SELECT i, printf('%080d', i*i) FROM g",
    "INSERT INTO keyed SELECT printf('%040d', i*7%120), i FROM g",
    "INSERT INTO plain VALUES(1000, printf('%05000d', 7))",
    "INSERT INTO keyed VALUES(printf('%02000d', 9), 1)",
    "INSERT INTO gone SELECT printf('%0200d', i) FROM g",
    "DELETE FROM gone WHERE rowid > 10",
    "UPDATE plain SET b = printf('%080d', -id) WHERE id % 10 = 3",
    "INSERT INTO keyed VALUES('last', 2)",
};

}  // namespace

WatchedHistory::WatchedHistory(End end) {
  std::filesystem::create_directory(directory());
  work();
  if (end == End::kLog) return;
  {
    SqliteSession session(database());
    session.exec("PRAGMA journal_mode=DELETE");
  }
  states_.push_back(committed_bytes(database()));
  capture();
}

void WatchedHistory::work() {
  const auto open = [&](const std::string& sql) {
    SqliteSession session(database());
    REQUIRE(sqlite3_db_config(session.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr) ==
            SQLITE_OK);
    session.exec("PRAGMA wal_autocheckpoint=0");
    session.exec(sql);
    states_.push_back(committed_bytes(database()));
  };
  open(
      "PRAGMA page_size=512; PRAGMA auto_vacuum=2; PRAGMA journal_mode=WAL;"
      "CREATE TABLE plain(id INTEGER PRIMARY KEY, b TEXT); CREATE INDEX plain_b ON plain(b);"
      "CREATE TABLE keyed(k TEXT PRIMARY KEY, n) WITHOUT ROWID; CREATE TABLE gone(x)");
  states_.erase(states_.begin(), states_.end() - 1);
  capture();
  for (const char* sql : kWork) {
    const std::string text = sql;
    const bool from_numbers = text.find(" FROM g") != std::string::npos;
    open(from_numbers ? kNumbers + text : text);
  }
  capture();
}

void WatchedHistory::capture() {
  Run run(directory());
  REQUIRE(run.loaded());
  run.stop();
  const bool equal = states_in_history(directory(), "app.db") == states_;
  REQUIRE(equal);
}

std::string WatchedHistory::folder() const {
  return history_folder_of(directory() + "/" + std::string(kHistoryFolder), "app.db");
}

Bytes page_of(const Buffer& state, Pgno pgno) {
  const std::size_t at = std::size_t{pgno - 1} * WatchedHistory::kPageSize;
  if (at >= state.size()) return {};
  return Bytes(state).subspan(at, WatchedHistory::kPageSize);
}

Txid WatchedHistory::writer_of(Pgno pgno) const {
  for (std::size_t i = states_.size() - 1; i > 0; --i) {
    if (!std::ranges::equal(page_of(states_[i], pgno), page_of(states_[i - 1], pgno))) {
      return Txid{i + 1};
    }
  }
  return Txid{1};
}

std::vector<Pgno> WatchedHistory::difference(const Buffer& state) const {
  std::vector<Pgno> pages;
  const auto count = static_cast<Pgno>(std::max(state.size(), last().size()) / kPageSize);
  for (Pgno pgno = 1; pgno <= count; ++pgno) {
    if (!std::ranges::equal(page_of(state, pgno), page_of(last(), pgno))) pages.push_back(pgno);
  }
  return pages;
}

}  // namespace litetool::test
