#include "mount/past/random_work.h"

#include <unistd.h>

#include "mount/truth.h"

namespace litetool::test {
namespace {

constexpr int kPageSizes[] = {512, 1024, 4096, 16384};

// Tables of every kind, with whatever hangs on them.
constexpr const char* kTables[] = {
    "CREATE TABLE plain(id INTEGER PRIMARY KEY, a TEXT, b BLOB, c REAL DEFAULT 1.5)",
    "CREATE INDEX plain_a ON plain(a, length(b)) WHERE c > 0",
    "CREATE TABLE keyed(k TEXT, n INTEGER, v, PRIMARY KEY(k COLLATE NOCASE, n DESC)) WITHOUT ROWID",
    "CREATE TABLE strict_one(x INT, y TEXT NOT NULL, z ANY) STRICT",
    "CREATE TABLE computed(a INTEGER, b TEXT, v AS (a * 2), s AS (b || '!') STORED, UNIQUE(a, b))",
    "CREATE TABLE counted(id INTEGER PRIMARY KEY AUTOINCREMENT, t)",
    "CREATE TABLE \"odd \"\"name\"(\"a b\", \"select\" TEXT)",
};

constexpr const char* kTrigger =
    "CREATE TRIGGER IF NOT EXISTS after_plain AFTER DELETE ON plain BEGIN "
    "INSERT INTO counted(t) VALUES(old.id); END";

}  // namespace

bool WorkPlan::may_merge() const {
  const std::string mode = journal_mode;
  return mode == "MEMORY" || mode == "OFF";
}

std::string WorkPlan::text() const {
  return std::string(journal_mode) + " page_size " + std::to_string(page_size) + " auto_vacuum " +
         std::to_string(auto_vacuum) + " " + encoding + " seed " + std::to_string(seed);
}

RandomWork::RandomWork(std::string path, const WorkPlan& plan)
    : path_(std::move(path)), plan_(plan), random_(plan.seed) {
  open();
  make_tables();
}

RandomWork::~RandomWork() = default;

void RandomWork::open() {
  session_ = std::make_unique<SqliteSession>(path_);
  sqlite3_create_function(session_->get(), "noise", 1, SQLITE_UTF8, this, make_noise, nullptr,
                          nullptr);
}

// noise(n): n bytes that only the seed decides.
void RandomWork::make_noise(sqlite3_context* context, int, sqlite3_value** arguments) {
  auto& random = static_cast<RandomWork*>(sqlite3_user_data(context))->random_;
  std::string bytes(static_cast<std::size_t>(sqlite3_value_int(arguments[0])), '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  sqlite3_result_blob64(context, bytes.data(), bytes.size(), SQLITE_TRANSIENT);
}

void RandomWork::make_tables() {
  session_->exec("PRAGMA page_size=" + std::to_string(plan_.page_size));
  session_->exec(std::string("PRAGMA encoding='") + plan_.encoding + "'");
  session_->exec("PRAGMA auto_vacuum=" + std::to_string(plan_.auto_vacuum));
  record();  // that may have made the first page
  // So that switching the journal mode is one transaction, not two.
  commit("CREATE TABLE first(x)");
  session_->exec("PRAGMA cache_size=20");
  session_->exec("PRAGMA wal_autocheckpoint=30");
  session_->exec("PRAGMA synchronous=NORMAL");
  commit(std::string("PRAGMA journal_mode=") + plan_.journal_mode);
  for (const char* table : kTables) commit(table);
  columns_ = 0;
}

void RandomWork::step() {
  switch (number(24)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return change_schema();
    case 4:
    case 5:
    case 6:
    case 7:
      return transaction();
    case 8:
      return rewrite();
    case 9:
      return commit("PRAGMA incremental_vacuum(" + count(20) + ")");
    case 10:
      return commit("PRAGMA wal_checkpoint(" + std::string(number(2) == 0 ? "FULL" : "TRUNCATE") +
                    ")");
    case 11:
      return commit("PRAGMA user_version=" + count(1000));
    case 12:
      return commit("PRAGMA application_id=" + std::to_string(number(1000) - 500));
    case 13:
      return commit(number(2) == 0 ? "ANALYZE" : "REINDEX");
    case 14:
      if (number(3) == 0) return recreate();
      return commit("DELETE FROM plain WHERE id%2=" + count(2));
    default:
      return commit(change());
  }
}

// `insert` once for each of some numbers i.
std::string RandomWork::values(const std::string& insert) {
  return "WITH RECURSIVE g(i) AS (SELECT " + count(50) + " UNION ALL SELECT i+1 FROM g LIMIT " +
         std::to_string(1 + number(12)) + ") " + insert + " FROM g WHERE true";
}

std::string RandomWork::change() {
  switch (number(16)) {
    case 0:
    case 1:
      return values("INSERT INTO plain(a, b) SELECT 'text '||i||char(228, 8364, 127881), noise(" +
                    count(400) + ")");
    case 2:
      return "INSERT INTO plain(a, b, c) VALUES(hex(noise(" + count(3000) + ")), noise(" +
             count(9000) + "), " + count(9) + "e-3)";
    case 3:
      return "UPDATE plain SET b=noise(" + count(3000) + ") WHERE id%9=" + count(9);
    case 4:
      return "UPDATE OR IGNORE plain SET id=id+" + count(1000) + " WHERE id%5=" + count(5);
    case 5:
      return "DELETE FROM plain WHERE id%4=" + count(4);
    case 6:
    case 7:
      return values("INSERT OR REPLACE INTO keyed SELECT 'Key'||(i%7), i, hex(noise(" + count(200) +
                    "))");
    case 8:
      return "UPDATE OR REPLACE keyed SET n=n-" + count(3) + ", k=upper(k) WHERE n%3=" + count(3);
    case 9:
      return "DELETE FROM keyed WHERE n%6=" + count(6);
    case 10:
      return values(
          "INSERT INTO strict_one(x, y, z) SELECT i, 'y'||i, CASE i%4 WHEN 0 THEN NULL WHEN 1 THEN "
          "i/3.0 WHEN 2 THEN noise(" +
          count(2000) + ") ELSE 'z' END");
    case 11:
      return "DELETE FROM strict_one WHERE rowid%3=" + count(3);
    case 12:
      return values("INSERT OR REPLACE INTO computed(a, b) SELECT i, 'b'||(i%3)");
    case 13:
      return "UPDATE OR REPLACE computed SET a=" + count(60) + "-a WHERE a%2=" + count(2);
    case 14:
      return values("INSERT INTO counted(t) SELECT i*1e300");
    default:
      return values("INSERT INTO \"odd \"\"name\" SELECT -i, 'O''Reilly '||i");
  }
}

void RandomWork::change_schema() {
  switch (number(12)) {
    case 0:
      commit("CREATE TABLE IF NOT EXISTS extra(x, y TEXT)");
      return commit(values("INSERT INTO extra(x) SELECT noise(700)"));
    case 1:
      return commit("DROP TABLE IF EXISTS extra");
    case 2:
      return commit("ALTER TABLE strict_one ADD COLUMN c" + std::to_string(columns_++) +
                    " TEXT DEFAULT 'd'");
    case 3:
      if (columns_ == 0) return;
      return commit("ALTER TABLE strict_one DROP COLUMN c" + std::to_string(--columns_));
    case 4:
      return commit("CREATE INDEX IF NOT EXISTS keyed_v ON keyed(v)");
    case 5:
      return commit("DROP INDEX IF EXISTS keyed_v");
    case 6:
      return commit("CREATE VIEW IF NOT EXISTS seen AS SELECT k, count(*) FROM keyed GROUP BY k");
    case 7:
      return commit("DROP VIEW IF EXISTS seen");
    case 8:
      return commit(kTrigger);
    case 9:
      return commit("DROP TRIGGER IF EXISTS after_plain");
    case 10:
      return commit("CREATE TABLE IF NOT EXISTS another(z PRIMARY KEY) WITHOUT ROWID");
    default:
      commit("ALTER TABLE computed RENAME TO other");
      return commit("ALTER TABLE other RENAME TO computed");
  }
}

void RandomWork::transaction() {
  const bool may_go_back = std::string(plan_.journal_mode) != "OFF";
  std::string text = "BEGIN;";
  for (int left = 1 + number(4); left > 0; --left) {
    text += change() + ";";
    if (number(4) != 0) continue;
    text += "SAVEPOINT s;" + change() + ";" +
            (may_go_back && number(2) == 0 ? "ROLLBACK TO s;" : "") + "RELEASE s;";
  }
  commit(text + (may_go_back && number(4) == 0 ? "ROLLBACK" : "COMMIT"));
}

void RandomWork::rewrite() {
  if (!is_wal() && number(2) == 0) {
    session_->exec("PRAGMA page_size=" + std::to_string(kPageSizes[number(4)]));
    commit("PRAGMA auto_vacuum=" + count(3));  // from 1 to 2 and back at once
  }
  commit("VACUUM");
}

void RandomWork::recreate() {
  session_.reset();
  record();
  REQUIRE(::unlink(path_.c_str()) == 0);
  (void)::unlink((path_ + "-journal").c_str());  // that PERSIST leaves
  states_.emplace_back();
  open();
  make_tables();
}

void RandomWork::commit(const std::string& sql) {
  session_->exec(sql);
  record();
}

void RandomWork::record() {
  Buffer now = committed_bytes(path_);
  if (!now.empty() && (states_.empty() || now != states_.back())) states_.push_back(std::move(now));
}

std::vector<Buffer> RandomWork::finish() {
  session_.reset();
  record();
  return std::move(states_);
}

}  // namespace litetool::test
