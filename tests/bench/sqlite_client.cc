// A SQLite program whose commits are counted, for scripts/bench mount.
//
//   bench_sqlite_client DIR SECONDS TEST...
//
// A test is MODE_SYNC (wal, del, trunc, pers; FULL, NORMAL, OFF): in a fresh DIR/w.db of 50 000
// rows, autocommit statements for SECONDS, alternately an UPDATE of a random row and an INSERT, of
// 100 random bytes each. Prints one JSON line per test: transactions, seconds, per_s, p50_us,
// p99_us. The number of rows at the end must be the one that was committed.
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kRows = 50000;
constexpr int kWarmUp = 20;
constexpr std::size_t kBlobBytes = 100;

class Random {
 public:
  std::uint64_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }

 private:
  std::uint64_t state_ = 88172645463325252;
};

[[noreturn]] void die(sqlite3* db, const std::string& what) {
  std::fprintf(stderr, "bench_sqlite_client: %s: %s\n", what.c_str(), sqlite3_errmsg(db));
  std::exit(1);
}

class Database {
 public:
  explicit Database(const std::string& path) {
    if (sqlite3_open(path.c_str(), &db_) != SQLITE_OK) die(db_, "open " + path);
    sqlite3_busy_timeout(db_, 10000);
  }
  ~Database() {
    for (sqlite3_stmt* s : {insert_, update_}) sqlite3_finalize(s);
    if (sqlite3_close(db_) != SQLITE_OK) die(db_, "close");
  }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  void execute(const std::string& sql) {
    if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) die(db_, sql);
  }
  void populate() {
    execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)");
    insert_ = prepare("INSERT INTO t(v) VALUES(?)");
    update_ = prepare("UPDATE t SET v=? WHERE id=?");
    execute("BEGIN");
    for (int i = 0; i < kRows; ++i) insert();
    execute("COMMIT");
  }
  void insert() {
    fill_blob();
    step(insert_);
    ++rows_;
  }
  void update() {
    fill_blob();
    sqlite3_bind_int64(update_, 2, static_cast<std::int64_t>(random_.next() % kRows) + 1);
    step(update_);
  }
  void check_rows() {
    sqlite3_stmt* count = prepare("SELECT count(*) FROM t");
    if (sqlite3_step(count) != SQLITE_ROW || sqlite3_column_int64(count, 0) != rows_) {
      die(db_, "rows are missing");
    }
    sqlite3_finalize(count);
  }

 private:
  sqlite3_stmt* prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(db_, sql, -1, &statement, nullptr) != SQLITE_OK) die(db_, sql);
    return statement;
  }
  // The first 4 bytes stay, 96 are fresh.
  void fill_blob() {
    for (std::size_t at = 4; at < kBlobBytes; at += sizeof(std::uint64_t)) {
      const std::uint64_t word = random_.next();
      std::memcpy(blob_.data() + at, &word, sizeof word);
    }
  }
  void step(sqlite3_stmt* statement) {
    sqlite3_bind_blob(statement, 1, blob_.data(), static_cast<int>(kBlobBytes), SQLITE_STATIC);
    if (sqlite3_step(statement) != SQLITE_DONE) die(db_, sqlite3_sql(statement));
    sqlite3_reset(statement);
  }

  sqlite3* db_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
  sqlite3_stmt* update_ = nullptr;
  std::array<unsigned char, kBlobBytes> blob_{};
  Random random_;
  std::int64_t rows_ = 0;
};

void remove_files(const std::string& path) {
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
    std::remove((path + suffix).c_str());
  }
}

struct Test {
  std::string name, journal_mode, synchronous;
};

Test parse_test(const std::string& name) {
  const std::size_t split = name.find('_');
  const std::string mode = name.substr(0, split);
  const std::array<std::array<const char*, 2>, 4> modes = {
      {{"wal", "WAL"}, {"del", "DELETE"}, {"trunc", "TRUNCATE"}, {"pers", "PERSIST"}}};
  const auto found = std::ranges::find_if(modes, [&](const auto& m) { return mode == m[0]; });
  if (split == std::string::npos || found == modes.end()) {
    std::fprintf(stderr, "bench_sqlite_client: no such test: %s\n", name.c_str());
    std::exit(2);
  }
  return {name, (*found)[1], name.substr(split + 1)};
}

void print(const Test& test, double seconds, std::vector<double>& micros) {
  std::ranges::sort(micros);
  const auto count = micros.size();
  std::printf(
      "{\"test\":\"%s\",\"transactions\":%zu,\"seconds\":%.6f,\"per_s\":%.1f,\"p50_us\":%.1f,"
      "\"p99_us\":%.1f}\n",
      test.name.c_str(), count, seconds, static_cast<double>(count) / seconds, micros[count / 2],
      micros[count * 99 / 100]);
}

void run_test(const std::string& path, const Test& test, double seconds) {
  remove_files(path);
  std::vector<double> micros;
  double elapsed = 0;
  {
    Database db(path);
    db.execute("PRAGMA journal_mode=" + test.journal_mode + "; PRAGMA synchronous=OFF");
    db.populate();
    if (test.journal_mode == "WAL") db.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    db.execute("PRAGMA synchronous=" + test.synchronous);
    for (int i = 0; i < kWarmUp; ++i) i % 2 == 0 ? db.update() : db.insert();
    const auto start = Clock::now();
    auto before = start;
    while (elapsed < seconds) {
      micros.size() % 2 == 0 ? db.update() : db.insert();
      const auto now = Clock::now();
      micros.push_back(std::chrono::duration<double, std::micro>(now - before).count());
      elapsed = std::chrono::duration<double>(now - start).count();
      before = now;
    }
    db.check_rows();
  }
  print(test, elapsed, micros);
  remove_files(path);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fputs("usage: bench_sqlite_client DIR SECONDS TEST...\n", stderr);
    return 2;
  }
  sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  for (int i = 3; i < argc; ++i) {
    run_test(std::string(argv[1]) + "/w.db", parse_test(argv[i]), std::strtod(argv[2], nullptr));
  }
  return 0;
}
