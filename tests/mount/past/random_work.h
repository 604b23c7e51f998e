// Random work of the real SQLite on one database, with a record of every state it commits.
#pragma once

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "formats/base/bytes.h"
#include "support/sqlite_session.h"

namespace litetool::test {

struct WorkPlan {
  const char* journal_mode;
  int page_size = 4096;
  int auto_vacuum = 0;
  const char* encoding = "UTF-8";
  unsigned seed = 1;

  // Nobody is told of the commits of those modes: some may be merged.
  bool may_merge() const;
  std::string text() const;
};

class RandomWork {
 public:
  // The database must not exist.
  RandomWork(std::string path, const WorkPlan& plan);
  ~RandomWork();

  void step();

  // All states in their order, repetitions left out; an empty one where the database was removed.
  std::vector<Buffer> finish();

 private:
  void open();
  void make_tables();
  int number(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }
  std::string count(int below) { return std::to_string(number(below)); }
  bool is_wal() const { return std::string(plan_.journal_mode) == "WAL"; }
  std::string values(const std::string& insert);
  std::string change();
  void change_schema();
  void transaction();
  void rewrite();
  void recreate();
  void commit(const std::string& sql);
  void record();
  static void make_noise(sqlite3_context* context, int count, sqlite3_value** arguments);

  const std::string path_;
  const WorkPlan plan_;
  std::mt19937 random_;
  int columns_ = 0;  // that were added to one table
  std::unique_ptr<SqliteSession> session_;
  std::vector<Buffer> states_;
};

}  // namespace litetool::test
