#include "core/rows/database_diff.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <random>

#include "core/past/changed_pages.h"
#include "core/rows/diff_script.h"
#include "tests/support/database_pages.h"
#include "tests/support/sqlite_session.h"
#include "tests/support/temp_dir.h"

namespace litetool {
namespace {

using test::DatabasePages;
using test::SqliteSession;

const Job kJob{posix_env(), 1};

struct Opened {
  DatabasePages before;
  DatabasePages after;
  std::unique_ptr<DatabaseDiff> diff;
};

Opened open(const Buffer& before, const Buffer& after, std::uint32_t page_size) {
  Opened o{DatabasePages(before, page_size), DatabasePages(after, page_size), nullptr};
  return o;
}

Result<std::unique_ptr<DatabaseDiff>> compare(PageSource& before, PageSource& after) {
  LT_ASSIGN(std::vector<Pgno> changed, changed_pages(kJob, before, after));
  return DatabaseDiff::open(kJob, before, after, std::move(changed));
}

// "+t 3 'x'|1": a row that came; "-" one that went; "~" one that changed, as it was and as it is.
std::vector<std::string> rows_of(DatabaseDiff& diff) {
  std::vector<std::string> lines;
  const auto text = [](const std::vector<SqlValue>& row) {
    std::string line;
    for (const SqlValue& v : row) {
      line += (line.empty() ? "" : "|") + v.literal(TextEncoding::kUtf8);
    }
    return line;
  };
  for (const TableDiff& table : diff.tables()) {
    const auto status = diff.rows(table, [&](const RowChange& c) -> Status {
      const char mark = c.kind == RowChangeKind::kInserted  ? '+'
                        : c.kind == RowChangeKind::kDeleted ? '-'
                                                            : '~';
      std::string line = mark + table.name + " " + text(c.before);
      if (!c.before.empty() && !c.after.empty()) line += " -> ";
      lines.push_back(line + text(c.after));
      return {};
    });
    if (!status) FAIL(status.error().text());
  }
  return lines;
}

std::string script_of(DatabaseDiff& diff) {
  std::string script;
  const auto status = write_diff_script(diff, [&](const std::string& statement) -> Status {
    script += statement + "\n";
    return {};
  });
  if (!status) FAIL(status.error().text());
  return script;
}

// Everything that a program can see: schema, settings, and each row with its row id.
std::vector<std::string> content(SqliteSession& session) {
  std::vector<std::string> lines;
  const auto schema = session.rows(
      "SELECT quote(type), quote(name), quote(tbl_name), quote(sql) FROM sqlite_schema "
      "WHERE name NOT LIKE 'sqlite_autoindex%' ORDER BY type, name");
  for (const auto& row : schema) {
    lines.push_back(row[0] + row[1] + row[2] + row[3]);
    if (row[0] != "'table'" || row[3].find("VIRTUAL TABLE") != std::string::npos) continue;
    const std::string name = "\"" + row[1].substr(1, row[1].size() - 2) + "\"";
    std::string columns = row[3].find("WITHOUT ROWID") == std::string::npos ? "rowid" : "0";
    for (const auto& c : session.rows("SELECT name FROM pragma_table_xinfo(" + row[1] + ")")) {
      columns += " || '|' || typeof(\"" + c[0] + "\") || quote(CAST(\"" + c[0] + "\" AS BLOB))";
    }
    auto rows = session.rows("SELECT " + columns + " FROM " + name);
    std::ranges::sort(rows);
    for (const auto& r : rows) lines.push_back(row[1] + r[0]);
  }
  lines.push_back(session.value("PRAGMA user_version"));
  lines.push_back(session.value("PRAGMA application_id"));
  return lines;
}

// The script of the difference, run on the state before, gives the state after.
void prove(const test::TempDir& dir, const Buffer& before, const Buffer& after,
           std::uint32_t page_size) {
  Opened o = open(before, after, page_size);
  const auto diff = compare(o.before, o.after);
  if (!diff) FAIL(diff.error().text());
  const std::string script = script_of(**diff);
  INFO(script);
  test::write_file(dir.file("before.db"), before);
  test::write_file(dir.file("after.db"), after);
  SqliteSession patched(dir.file("before.db"));
  patched.exec(script);
  SqliteSession wanted(dir.file("after.db"));
  CHECK(content(patched) == content(wanted));
  CHECK(patched.value("PRAGMA integrity_check") == "ok");
}

struct Setup {
  std::string encoding;
  std::uint32_t page_size;
  std::string auto_vacuum;
};

void create(SqliteSession& s, const Setup& setup) {
  s.exec("PRAGMA encoding = '" + setup.encoding + "'; PRAGMA page_size = " +
         std::to_string(setup.page_size) + "; PRAGMA auto_vacuum = " + setup.auto_vacuum);
  s.exec(R"(
    CREATE TABLE plain (a, b TEXT, c UNIQUE);
    CREATE TABLE big (id INTEGER PRIMARY KEY, n REAL, body);
    CREATE INDEX big_n ON big (n);
    CREATE TABLE keyed (k TEXT COLLATE NOCASE, j INT, v, PRIMARY KEY (k, j DESC)) WITHOUT ROWID;
    CREATE TABLE exact (k TEXT COLLATE NOCASE, v, PRIMARY KEY (k COLLATE BINARY)) WITHOUT ROWID;
    CREATE TABLE strictly (id INTEGER PRIMARY KEY, x INT, t TEXT, twice INT AS (x * 2) VIRTUAL,
                           kept TEXT AS (t || '!') STORED) STRICT;
    CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT, v CHECK (v > 0));
    CREATE TABLE log (line);
    CREATE TRIGGER counted_log AFTER INSERT ON counted BEGIN INSERT INTO log VALUES (new.v); END;
    CREATE VIEW some AS SELECT a FROM plain -- a comment at the end
  )");
}

// One random thing that a program may do.
std::string random_sql(std::mt19937& random) {
  const auto n = [&random](unsigned limit) { return std::to_string(random() % limit); };
  const std::string series =
      "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < " +
      std::to_string(1 + random() % 40) + ") ";
  switch (random() % 22) {
    case 0:
      return series +
             "INSERT OR IGNORE INTO plain SELECT i, 'text g\xc3\xbc ' || i, random() % 300 FROM s";
    case 1:
      return "UPDATE OR IGNORE plain SET c = c + 1 WHERE a < " + n(40);
    case 2:
      return "DELETE FROM plain WHERE a = " + n(40);
    case 3:
      return series + "INSERT INTO big (n, body) SELECT i / 3.0, zeroblob(i * 97) FROM s";
    case 4:  // the end of a long row: its first page stays the same
      return "UPDATE big SET body = substr(body, 1, length(body) - 2) || X'0102' WHERE id % 7 = " +
             n(7);
    case 5:
      return "DELETE FROM big WHERE id % 5 = " + n(5);
    case 6:
      return series + "INSERT OR REPLACE INTO keyed SELECT 'Key' || (i % 9), i, i * " + n(9) +
             " FROM s";
    case 7:
      return "UPDATE keyed SET k = upper(k) WHERE j = " + n(40);
    case 8:
      return "DELETE FROM keyed WHERE j % 6 = " + n(6);
    case 9:
      return "INSERT OR REPLACE INTO exact VALUES ('a" + n(3) + "', 1), ('A" + n(3) +
             "', 2), ('b', " + n(9) + ")";
    case 10:
      return series + "INSERT INTO strictly (x, t) SELECT i, 't' || i FROM s";
    case 11:
      return "UPDATE strictly SET x = x + 1 WHERE id % 4 = " + n(4);
    case 12:
      return "INSERT INTO counted (v) VALUES (" + n(90) +
             " + 1); DELETE FROM counted WHERE id % 9 = 0";
    case 13:
      return "INSERT INTO log VALUES (NULL), (9e999), (-9223372036854775808), (X''), ('it''s' || "
             "char(10)), "
             "(CAST(X'00410042' AS TEXT)), (1e-7), (123456789.123)";
    case 14:
      return "PRAGMA user_version = " + n(9);
    case 15:
      return "CREATE TABLE IF NOT EXISTS extra (a, b); INSERT INTO extra VALUES (1, 2)";
    case 16:
      return "DROP TABLE IF EXISTS extra";
    case 17:
      return "DROP INDEX IF EXISTS big_n; CREATE INDEX big_n ON big (" +
             std::string(random() % 2 ? "n" : "n DESC") + ")";
    case 18:
      return "DROP TRIGGER IF EXISTS more; CREATE TRIGGER more AFTER DELETE ON big BEGIN INSERT "
             "INTO "
             "log VALUES (" +
             n(3) + "); END";
    case 19:
      return "ANALYZE";
    case 20:
      return "DROP VIEW IF EXISTS other; CREATE VIEW other AS SELECT " + n(4);
    default:
      return "DELETE FROM log; PRAGMA incremental_vacuum(3)";
  }
}

}  // namespace

TEST_CASE("diff: the script proves itself over random work") {
  const std::vector<Setup> setups = {{"UTF-8", 512, "none"},
                                     {"UTF-16le", 1024, "full"},
                                     {"UTF-16be", 512, "incremental"},
                                     {"UTF-8", 4096, "none"}};
  unsigned seed = 1;
  for (const Setup& setup : setups) {
    INFO(setup.encoding + " " + std::to_string(setup.page_size) + " " + setup.auto_vacuum);
    const test::TempDir dir;
    std::mt19937 random(seed++);
    std::vector<Buffer> states(1);  // the first: no database at all
    SqliteSession session(dir.file("work.db"));
    create(session, setup);
    states.push_back(test::read_file(dir.file("work.db")));
    for (int step = 0; step < 25; ++step) {
      for (int i = 0; i < 3; ++i) session.exec(random_sql(random));
      if (step == 12) session.exec("ALTER TABLE big ADD COLUMN more DEFAULT 'x'");
      if (step == 15)
        session.exec("ALTER TABLE plain RENAME TO simple; ALTER TABLE simple RENAME TO plain");
      if (step == 18) session.exec("VACUUM");
      states.push_back(test::read_file(dir.file("work.db")));
      INFO("step " << step);
      prove(dir, states[states.size() - 2], states.back(), setup.page_size);
    }
    for (int i = 0; i < 8; ++i) {
      const std::size_t a = random() % states.size();
      const std::size_t b = 1 + random() % (states.size() - 1);
      INFO("from " << a << " to " << b);
      prove(dir, states[a], states[b], setup.page_size);
    }
  }
}

TEST_CASE("diff: a row that changed only in an overflow page is found") {
  const test::TempDir dir;
  SqliteSession session(dir.file("a.db"));
  session.exec(
      "PRAGMA page_size = 512; CREATE TABLE t (id INTEGER PRIMARY KEY, body);"
      "CREATE TABLE w (k TEXT PRIMARY KEY, body) WITHOUT ROWID");
  session.exec(
      "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 50) "
      "INSERT INTO t SELECT i, zeroblob(3000) FROM s");
  session.exec("INSERT INTO w VALUES ('k', zeroblob(3000)), ('l', zeroblob(2000))");
  DatabasePages before(dir.file("a.db"));
  session.exec("UPDATE t SET body = zeroblob(2998) || X'0102' WHERE id = 33");
  session.exec("UPDATE w SET body = zeroblob(2998) || X'0102' WHERE k = 'k'");
  DatabasePages after(dir.file("a.db"));
  const auto diff = compare(before, after);
  REQUIRE(diff);
  std::vector<std::string> kinds;
  for (const std::string& line : rows_of(**diff)) kinds.push_back(line.substr(0, 5));
  CHECK(kinds == std::vector<std::string>{"~t 33", "~w 'k"});
  for (const PageDiff& page : (*diff)->pages()) {
    if (page.pgno != 1) CHECK_FALSE(page.owner.empty());
  }
}

TEST_CASE("diff: rows by name, and nothing that is the same") {
  const test::TempDir dir;
  SqliteSession session(dir.file("a.db"));
  session.exec(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, a, b AS (a + 1));"
      "CREATE TABLE gone (x); INSERT INTO gone VALUES (7);"
      "INSERT INTO t VALUES (1, 1), (2, 2), (3, 3)");
  DatabasePages before(dir.file("a.db"));
  session.exec(
      "UPDATE t SET a = 20 WHERE id = 2; DELETE FROM t WHERE id = 1; INSERT INTO t VALUES (9, 'n');"
      "DROP TABLE gone; CREATE TABLE come (y); INSERT INTO come VALUES ('new')");
  DatabasePages after(dir.file("a.db"));
  const auto diff = compare(before, after);
  REQUIRE(diff);
  CHECK(rows_of(**diff) == std::vector<std::string>{"-t 1|1|2", "~t 2|2|3 -> 2|20|21", "+t 9|'n'|1",
                                                    "-gone 7", "+come 'new'"});
  const auto none = compare(after, after);
  REQUIRE(none);
  CHECK(rows_of(**none).empty());
  CHECK(script_of(**none).empty());
}

TEST_CASE("diff: full-text tables come and go with the tables they keep their words in") {
  const test::TempDir dir;
  SqliteSession session(dir.file("a.db"));
  session.exec("CREATE TABLE t (a)");
  const Buffer none = test::read_file(dir.file("a.db"));
  session.exec("CREATE VIRTUAL TABLE words USING fts5(body); INSERT INTO words VALUES ('one two')");
  const Buffer one = test::read_file(dir.file("a.db"));
  session.exec("INSERT INTO words VALUES ('three'); DELETE FROM words WHERE body MATCH 'one'");
  const Buffer two = test::read_file(dir.file("a.db"));
  prove(dir, none, one, 4096);
  prove(dir, one, two, 4096);
  prove(dir, two, none, 4096);
}

TEST_CASE("diff: damaged pages give errors") {
  const test::TempDir dir;
  SqliteSession session(dir.file("a.db"));
  create(session, {"UTF-8", 512, "none"});
  std::mt19937 random(3);
  for (int i = 0; i < 40; ++i) session.exec(random_sql(random));
  const Buffer before = test::read_file(dir.file("a.db"));
  for (int i = 0; i < 6; ++i) session.exec(random_sql(random));
  const Buffer after = test::read_file(dir.file("a.db"));
  std::size_t refused = 0;
  for (int round = 0; round < 400; ++round) {
    Opened o = open(before, after, 512);
    for (int i = 0; i < 3; ++i) {
      Buffer& bytes = random() % 2 == 0 ? o.before.bytes() : o.after.bytes();
      const std::size_t page = random() % (bytes.size() / 512) * 512;
      bytes[page + random() % (random() % 2 == 0 ? 40 : 512)] = static_cast<std::byte>(random());
    }
    const auto diff = compare(o.before, o.after);
    if (!diff) {
      ++refused;
      continue;
    }
    const Status written = write_diff_script(**diff, [](const std::string&) { return Status(); });
    if (!written) ++refused;
  }
  CHECK(refused > 0);
}

}  // namespace litetool
