#include "tests/bench/client/database.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace bench {

void die(sqlite3* db, const std::string& what) {
  std::fprintf(stderr, "bench_sqlite_client: %s: %s\n", what.c_str(),
               db != nullptr ? sqlite3_errmsg(db) : "wrong result");
  std::exit(1);
}

Statement::Statement(sqlite3* db, const char* sql) : db_(db) {
  if (sqlite3_prepare_v2(db, sql, -1, &statement_, nullptr) != SQLITE_OK) die(db, sql);
}

std::int64_t Statement::run() {
  const int code = sqlite3_step(statement_);
  if (code != SQLITE_ROW && code != SQLITE_DONE) die(db_, sqlite3_sql(statement_));
  const std::int64_t value = code == SQLITE_ROW ? sqlite3_column_int64(statement_, 0) : 0;
  if (sqlite3_reset(statement_) != SQLITE_OK) die(db_, sqlite3_sql(statement_));
  return value;
}

Database::Database(const std::string& path) {
  if (sqlite3_open(path.c_str(), &db_) != SQLITE_OK) die(db_, "open " + path);
  sqlite3_busy_timeout(db_, 10000);
}

Database::~Database() {
  if (sqlite3_close(db_) != SQLITE_OK) die(db_, "close");
}

void Database::execute(const std::string& sql) {
  if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) die(db_, sql);
}

std::int64_t Database::value(const char* sql) {
  return Statement(db_, sql).run();
}

Table::Table(Database& db, int blob_bytes, Random& random)
    : blob_bytes_(blob_bytes),
      random_(random),
      insert_(db.handle(), "INSERT INTO t(v) VALUES(?1)"),
      update_(db.handle(), "UPDATE t SET v=?1 WHERE id=?2") {}

void Table::create(Database& db) {
  db.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)");
}

// The first 4 bytes stay, all others are fresh.
void Table::fill() {
  for (int at = 4; at + 8 <= blob_bytes_; at += 8) {
    const std::uint64_t word = random_.next();
    std::memcpy(blob_.data() + at, &word, sizeof word);
  }
}

void Table::insert() {
  fill();
  insert_.bind(1, blob_.data(), blob_bytes_);
  insert_.run();
  ++inserted_;
}

void Table::update(std::int64_t id) {
  fill();
  update_.bind(1, blob_.data(), blob_bytes_);
  update_.bind(2, id);
  update_.run();
}

void populate(Database& db, std::int64_t rows, int blob_bytes, Random& random) {
  Table::create(db);
  Table table(db, blob_bytes, random);
  db.execute("BEGIN");
  for (std::int64_t i = 0; i < rows; ++i) table.insert();
  db.execute("COMMIT");
}

void remove_database(const std::string& path) {
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
    std::remove((path + suffix).c_str());
  }
}

}  // namespace bench
