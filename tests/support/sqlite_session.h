// A connection of the real SQLite, for tests that compare with it. Any error of SQLite ends the
// test.
#pragma once

#include <sqlite3.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace litetool::test {

class SqliteSession {
 public:
  explicit SqliteSession(const std::string& path) {
    REQUIRE(sqlite3_open(path.c_str(), &db_) == SQLITE_OK);
  }
  ~SqliteSession() { sqlite3_close(db_); }
  SqliteSession(const SqliteSession&) = delete;
  SqliteSession& operator=(const SqliteSession&) = delete;

  void exec(const std::string& sql) {
    INFO(sql);
    char* message = nullptr;
    const int rc = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, &message);
    const std::string text = message != nullptr ? message : "";
    sqlite3_free(message);
    INFO(text);
    REQUIRE(rc == SQLITE_OK);
  }

  // All rows, each column as SQLite's quote() writes it: 1, 2.5, 'text', X'00ff', NULL.
  std::vector<std::vector<std::string>> rows(const std::string& sql) {
    INFO(sql);
    sqlite3_stmt* statement = nullptr;
    REQUIRE(sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
    std::vector<std::vector<std::string>> all;
    int rc = SQLITE_OK;
    while ((rc = sqlite3_step(statement)) == SQLITE_ROW) {
      all.emplace_back();
      for (int i = 0; i < sqlite3_column_count(statement); ++i) {
        const void* text = sqlite3_column_text(statement, i);
        all.back().emplace_back(text != nullptr ? static_cast<const char*>(text) : "");
      }
    }
    sqlite3_finalize(statement);
    REQUIRE(rc == SQLITE_DONE);
    return all;
  }

  // The first column of the first row.
  std::string value(const std::string& sql) {
    const auto all = rows(sql);
    REQUIRE_FALSE(all.empty());
    return all[0][0];
  }

  sqlite3* get() { return db_; }

 private:
  sqlite3* db_ = nullptr;
};

}  // namespace litetool::test
