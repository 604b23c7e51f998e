// A SQLite connection of the benchmark client. Whatever goes wrong ends the process: a figure that
// was measured beside an error is none.
#pragma once

#include <sqlite3.h>

#include <array>
#include <cstdint>
#include <string>

namespace bench {

// xorshift64 from a fixed seed: every run does the same.
class Random {
 public:
  std::uint64_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }
  std::int64_t up_to(std::int64_t limit) {  // 1...limit
    return static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(limit)) + 1;
  }

 private:
  std::uint64_t state_ = 88172645463325252;
};

class Statement {
 public:
  Statement(sqlite3* db, const char* sql);
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  void bind(int at, std::int64_t value) { sqlite3_bind_int64(statement_, at, value); }
  // The bytes must stay until run().
  void bind(int at, const void* bytes, int size) {
    sqlite3_bind_blob(statement_, at, bytes, size, SQLITE_STATIC);
  }
  // The first column of the only row, 0 without one; ready to be run again.
  std::int64_t run();

 private:
  sqlite3* db_;
  sqlite3_stmt* statement_ = nullptr;
};

class Database {
 public:
  // Waits up to 10 s for locks.
  explicit Database(const std::string& path);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  sqlite3* handle() const { return db_; }
  void execute(const std::string& sql);
  std::int64_t value(const char* sql);

 private:
  sqlite3* db_ = nullptr;
};

// The table "t(id INTEGER PRIMARY KEY, v BLOB)" of random blobs of one size.
class Table {
 public:
  Table(Database& db, int blob_bytes, Random& random);
  static void create(Database& db);

  void insert();
  void update(std::int64_t id);
  std::int64_t inserted() const { return inserted_; }

 private:
  void fill();

  static constexpr int kMaxBlobBytes = 400;
  int blob_bytes_;
  Random& random_;
  std::array<unsigned char, kMaxBlobBytes> blob_{};
  Statement insert_, update_;
  std::int64_t inserted_ = 0;
};

// A new table of `rows` blobs of `blob_bytes`, in one transaction.
void populate(Database& db, std::int64_t rows, int blob_bytes, Random& random);

// The database and everything that stands beside it.
void remove_database(const std::string& path);

[[noreturn]] void die(sqlite3* db, const std::string& what);

}  // namespace bench
