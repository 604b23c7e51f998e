// Random workloads by the real SQLite through the mount; afterwards every transaction in the
// history must be one of the recorded states, all of them, in order, byte for byte.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <random>

#include "mount/mounted.h"
#include "mount/truth.h"
#include "support/sqlite_session.h"
#include "support/temp_dir.h"

namespace litetool::test {
namespace {

struct Workload {
  const char* journal_mode;
  const char* synchronous;
  const char* locking = "NORMAL";
  int page_size = 4096;
  int auto_vacuum = 0;
  int cache_pages = 100;
  int connections = 1;
  unsigned seed = 1;
};

std::string text_of(const Workload& w) {
  return std::string(w.journal_mode) + " " + w.synchronous + " " + w.locking + " page_size " +
         std::to_string(w.page_size) + " auto_vacuum " + std::to_string(w.auto_vacuum) + " seed " +
         std::to_string(w.seed);
}

class Driver {
 public:
  Driver(const std::string& path, const Workload& w) : path_(path), random_(w.seed) {
    for (int i = 0; i < w.connections; ++i) {
      connections_.push_back(std::make_unique<SqliteSession>(path));
      SqliteSession& session = *connections_.back();
      if (i == 0) {
        session.exec("PRAGMA page_size=" + std::to_string(w.page_size));
        session.exec("PRAGMA auto_vacuum=" + std::to_string(w.auto_vacuum));
        record();  // that may have made the first page
      }
      // So that switching the journal mode is one transaction, not two.
      session.exec("CREATE TABLE IF NOT EXISTS first(x)");
      record();
      session.exec("PRAGMA cache_size=" + std::to_string(w.cache_pages));
      session.exec(std::string("PRAGMA locking_mode=") + w.locking);
      session.exec(std::string("PRAGMA journal_mode=") + w.journal_mode);
      session.exec(std::string("PRAGMA synchronous=") + w.synchronous);
      session.exec("PRAGMA wal_autocheckpoint=20");
      record();
    }
    commit("CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, v BLOB)");
    commit("CREATE INDEX IF NOT EXISTS i ON t(length(v), v)");
  }

  void step() {
    switch (number(12)) {
      case 0:
      case 1:
      case 2:
        commit("INSERT INTO t(v) SELECT randomblob(" + std::to_string(1 + number(300)) +
               ") FROM generate(" + std::to_string(1 + number(20)) + ")");
        break;
      case 3:
      case 4:
        commit("UPDATE t SET v=randomblob(" + std::to_string(number(900)) +
               ") WHERE id%7=" + std::to_string(number(7)));
        break;
      case 5:
        commit("DELETE FROM t WHERE id%5=" + std::to_string(number(5)));
        break;
      case 6:
        commit("INSERT INTO t(v) VALUES(randomblob(" + std::to_string(number(200'000)) + "))");
        break;
      case 7:
        rolled_back("UPDATE t SET v=randomblob(" + std::to_string(500 + number(2000)) + ")");
        break;
      case 8:
        commit(number(4) == 0 ? "VACUUM" : "PRAGMA incremental_vacuum(3)");
        break;
      case 9:
        commit("CREATE TABLE IF NOT EXISTS u(x); ");
        commit("INSERT INTO u SELECT randomblob(700) FROM generate(40)");
        commit("DROP TABLE u");
        break;
      case 10:
        commit("DELETE FROM t WHERE id > (SELECT max(id) FROM t) - " + std::to_string(number(40)));
        break;
      default:
        any().exec("PRAGMA wal_checkpoint(" + std::string(number(2) == 0 ? "PASSIVE" : "TRUNCATE") +
                   ")");
        record();
    }
  }

  std::vector<Buffer> finish() {
    connections_.clear();
    record();
    return distinct(std::move(states_));
  }

 private:
  int number(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }
  SqliteSession& any() {
    return *connections_[static_cast<std::size_t>(number(static_cast<int>(connections_.size())))];
  }
  static std::string with_generator(std::string sql) {
    const std::size_t at = sql.find("generate(");
    if (at == std::string::npos) return sql;
    const std::size_t end = sql.find(')', at);
    const std::string n = sql.substr(at + 9, end - at - 9);
    return "WITH RECURSIVE g(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM g WHERE x<" + n + ") " +
           sql.substr(0, at) + "g" + sql.substr(end + 1);
  }
  void commit(const std::string& sql) {
    any().exec(with_generator(sql));
    record();
  }
  void rolled_back(const std::string& sql) {
    SqliteSession& session = any();
    session.exec("BEGIN");
    session.exec(sql);
    session.exec("ROLLBACK");
    record();
  }
  void record() {
    Buffer now = committed_bytes(path_);
    if (!now.empty()) states_.push_back(std::move(now));
  }

  std::string path_;
  std::mt19937 random_;
  std::vector<std::unique_ptr<SqliteSession>> connections_;
  std::vector<Buffer> states_;
};

void compare(const std::vector<Buffer>& recorded, const std::vector<Buffer>& history) {
  for (std::size_t i = 0; i < std::min(recorded.size(), history.size()); ++i) {
    INFO("state " << i << " of " << recorded.size() << " recorded, " << history.size()
                  << " in the history; sizes " << recorded[i].size() << ", " << history[i].size());
    const bool equal = recorded[i] == history[i];
    REQUIRE(equal);
  }
  REQUIRE(recorded.size() == history.size());
}

// Where nothing tells commits apart: what the history has must be recorded states, in order, and
// the last one must be there.
void compare_some(const std::vector<Buffer>& recorded, const std::vector<Buffer>& history) {
  auto next = recorded.begin();
  for (const Buffer& state : history) {
    next = std::find(next, recorded.end(), state);
    REQUIRE(next != recorded.end());
  }
  const bool ends_equal = !history.empty() && history.back() == recorded.back();
  REQUIRE(ends_equal);
}

// Where commits cannot be told apart for sure: PERSIST without syncs.
bool may_merge_commits(const Workload& w) {
  return w.journal_mode == std::string("PERSIST") && w.synchronous == std::string("OFF");
}

void run(const Workload& w, Mounted::Tier tier, int steps) {
  INFO(text_of(w));
  const TempDir temp;
  const std::string directory = temp.path() + "/data";
  REQUIRE(::mkdir(directory.c_str(), 0755) == 0);
  std::vector<Buffer> recorded;
  for (int mounts = 0; mounts < 2; ++mounts) {
    Mounted mounted(directory, tier);
    Driver driver(mounted.file("app.db"), w);
    for (int i = 0; i < steps; ++i) driver.step();
    for (Buffer& state : driver.finish()) recorded.push_back(std::move(state));
    REQUIRE(mounted.unmount() == 0);
  }
  const std::vector<Buffer> states = distinct(states_in_history(directory, "app.db"));
  may_merge_commits(w) ? compare_some(distinct(std::move(recorded)), states)
                       : compare(distinct(std::move(recorded)), states);
}

TEST_CASE("every commit of a random workload is in the history, byte for byte", "[oracle]") {
  const auto mode = GENERATE(as<const char*>(), "DELETE", "TRUNCATE", "PERSIST", "WAL");
  const auto synchronous = GENERATE(as<const char*>(), "FULL", "NORMAL", "OFF");
  const auto page_size = GENERATE(512, 4096);
  const auto auto_vacuum = GENERATE(0, 1);
  Workload w{mode, synchronous};
  w.page_size = page_size;
  w.auto_vacuum = auto_vacuum;
  w.cache_pages = auto_vacuum == 1 ? 5 : 100;
  w.seed = static_cast<unsigned>(page_size + auto_vacuum);
  run(w, Mounted::Tier::kPassthrough, 40);
}

TEST_CASE("two connections and exclusive locking are captured as exactly", "[oracle]") {
  const auto mode = GENERATE(as<const char*>(), "DELETE", "TRUNCATE", "PERSIST", "WAL");
  const bool exclusive = GENERATE(false, true);
  Workload w{mode, "NORMAL"};
  w.locking = exclusive ? "EXCLUSIVE" : "NORMAL";
  w.connections = exclusive ? 1 : 2;
  w.page_size = exclusive ? 65536 : 1024;
  w.seed = 7;
  run(w, Mounted::Tier::kPassthrough, 40);
}

TEST_CASE("without passthrough the capture is as exact", "[oracle]") {
  const auto mode = GENERATE(as<const char*>(), "DELETE", "TRUNCATE", "PERSIST", "WAL");
  Workload w{mode, "NORMAL"};
  w.connections = 2;
  w.page_size = 1024;
  w.seed = 11;
  run(w, Mounted::Tier::kCached, 40);
}

}  // namespace
}  // namespace litetool::test
