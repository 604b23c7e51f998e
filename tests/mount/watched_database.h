// A mounted directory whose databases are recorded at every commit and compared with the history
// afterwards.
#pragma once

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "mount/mounted.h"
#include "mount/truth.h"
#include "support/sqlite_session.h"
#include "support/temp_dir.h"

namespace litetool::test {

class Watched {
 public:
  explicit Watched(Mounted::Tier tier = Mounted::Tier::kPassthrough) : tier_(tier) {
    REQUIRE(::mkdir(directory().c_str(), 0755) == 0);
    mount();
  }

  void mount() { mounted_ = std::make_unique<Mounted>(directory(), tier_); }
  void unmount() {
    REQUIRE(mounted_->unmount() == 0);
    mounted_.reset();
  }
  // The daemon dies at once; its mount is gone.
  void kill_daemon() { mounted_->kill(); }

  std::string directory() const { return temp_.file("data"); }
  std::string file(const std::string& name = "app.db") const { return directory() + "/" + name; }

  // Notes what is committed now.
  void record(const std::string& name = "app.db") {
    Buffer now = committed_bytes(file(name));
    if (!now.empty()) recorded_[name].push_back(std::move(now));
  }
  // One transaction, and a record.
  void commit(SqliteSession& session, const std::string& sql, const std::string& name = "app.db") {
    session.exec(sql);
    record(name);
  }

  // Unmounted: the history has the recorded states, no other, and ends at the file.
  void check(const std::string& name = "app.db") {
    const std::vector<Buffer> wanted = distinct(recorded_[name]);
    const std::vector<Buffer> history = distinct(states_in_history(directory(), name));
    for (std::size_t i = 0; i < std::min(wanted.size(), history.size()); ++i) {
      INFO("state " << i << " of " << wanted.size() << " recorded, " << history.size()
                    << " in the history; sizes " << wanted[i].size() << ", " << history[i].size());
      const bool equal = wanted[i] == history[i];
      REQUIRE(equal);
    }
    REQUIRE(history.size() == wanted.size());
    check_end(name);
  }
  // Only the end, where commits cannot be told apart.
  void check_end(const std::string& name = "app.db") {
    const std::vector<Buffer> history = states_in_history(directory(), name);
    REQUIRE_FALSE(history.empty());
    const bool ends_equal = history.back() == committed_bytes(file(name));
    REQUIRE(ends_equal);
  }
  std::size_t transactions(const std::string& name = "app.db") {
    return states_in_history(directory(), name).size();
  }

 private:
  TempDir temp_;
  Mounted::Tier tier_;
  std::unique_ptr<Mounted> mounted_;
  std::map<std::string, std::vector<Buffer>> recorded_;
};

// "WITH RECURSIVE n(i) AS (1 ... count) ": numbers for statements that follow.
inline std::string numbers(int count) {
  return "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<" +
         std::to_string(count) + ") ";
}

// A table of `rows` rows in that journal mode, three recorded transactions.
inline void fill(Watched& w, SqliteSession& session, const std::string& mode, int rows = 300) {
  w.commit(session, "CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)");
  w.commit(session, "PRAGMA journal_mode=" + mode);
  w.commit(session, numbers(rows) + "INSERT INTO t SELECT i, randomblob(600) FROM n");
}

// Closed and opened again, a rollback-mode database is not passed through any more.
inline void make(Watched& w, const std::string& mode, int rows = 300) {
  SqliteSession session(w.file());
  fill(w, session, mode, rows);
}

}  // namespace litetool::test
