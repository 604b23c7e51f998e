#include "core/rows/sql_connection.h"

#include <catch2/catch.hpp>

#include "tests/support/database_pages.h"
#include "tests/support/sqlite_session.h"
#include "tests/support/temp_dir.h"

namespace litetool {
namespace {

using test::DatabasePages;
using test::SqliteSession;

std::vector<std::string> all(SqlConnection& connection, const std::string& sql) {
  auto statement = connection.prepare_one(sql);
  if (!statement) FAIL(statement.error().text());
  std::vector<std::string> lines;
  while (true) {
    const auto more = statement->step();
    if (!more) FAIL(more.error().text());
    if (!*more) return lines;
    std::string line;
    for (const SqlValue& v : statement->row()) {
      line += (line.empty() ? "" : "|") + v.literal(connection.encoding());
    }
    lines.push_back(line);
  }
}

}  // namespace

TEST_CASE("sql connection: the values of every type, in every encoding and journal mode") {
  for (const std::string mode : {"delete", "wal"}) {
    for (const std::string encoding : {"UTF-8", "UTF-16le", "UTF-16be"}) {
      INFO(mode + " " + encoding);
      const test::TempDir dir;
      {
        SqliteSession session(dir.file("a.db"));
        session.exec("PRAGMA encoding = '" + encoding + "'; PRAGMA journal_mode = " + mode);
        session.exec(
            "CREATE TABLE t (a); INSERT INTO t VALUES (NULL), (1), (-9223372036854775808),"
            "(2.5), (1e300), (9e999), ('it''s'), ('g\xc3\xbc'), (CAST(X'00410042' AS TEXT)),"
            "(X''), (X'00ff')");
      }
      DatabasePages pages(dir.file("a.db"));
      const Job job{posix_env(), 1};
      const auto connection = SqlConnection::open(job, pages);
      REQUIRE(connection);
      const auto values = all(**connection, "SELECT a FROM t ORDER BY rowid");
      REQUIRE(values.size() == 11);
      CHECK(values[0] == "NULL");
      CHECK(values[2] == "(-9223372036854775807 - 1)");
      CHECK(values[5] == "9e999");
      CHECK(values[6] == "'it''s'");
      CHECK(values[7] == "'g\xc3\xbc'");
      CHECK(values[9] == "X''");
      CHECK(values[10] == "X'00ff'");
      // Each literal yields the value again.
      SqliteSession again(dir.file("a.db"));
      for (std::size_t i = 0; i < values.size(); ++i) {
        INFO(values[i]);
        CHECK(again.value("SELECT a IS " + values[i] + " AND typeof(a) = typeof(" + values[i] +
                          ") FROM t WHERE rowid = " + std::to_string(i + 1)) == "1");
      }
    }
  }
}

TEST_CASE("sql connection: sorting, joining two states, and no writing") {
  const test::TempDir dir;
  SqliteSession session(dir.file("a.db"));
  session.exec("CREATE TABLE t (a); INSERT INTO t VALUES (3), (1), (2)");
  DatabasePages before(dir.file("a.db"));
  session.exec("DELETE FROM t WHERE a = 1");
  DatabasePages after(dir.file("a.db"));
  const Job job{posix_env(), 1};
  const auto connection = SqlConnection::open(job, after);
  REQUIRE(connection);
  REQUIRE((*connection)->attach("old name", before));
  CHECK(all(**connection, "SELECT a FROM t ORDER BY a DESC") == std::vector<std::string>{"3", "2"});
  CHECK(all(**connection, "SELECT a FROM \"old name\".t EXCEPT SELECT a FROM t") ==
        std::vector<std::string>{"1"});
  auto writing = (*connection)->prepare_one("DELETE FROM t");
  REQUIRE(writing);
  CHECK_FALSE(writing->step());
  CHECK_FALSE((*connection)->prepare_one("ATTACH '" + dir.file("a.db") + "' AS file")->step());
}

TEST_CASE("sql connection: a page that cannot be had is named") {
  const test::TempDir dir;
  SqliteSession session(dir.file("a.db"));
  session.exec("CREATE TABLE t (a); INSERT INTO t VALUES (zeroblob(30000))");
  DatabasePages pages(dir.file("a.db"));
  pages.lose(4);
  const Job job{posix_env(), 1};
  const auto connection = SqlConnection::open(job, pages);
  REQUIRE(connection);
  auto statement = (*connection)->prepare_one("SELECT hex(a) FROM t");
  REQUIRE(statement);
  const auto stepped = statement->step();
  REQUIRE_FALSE(stepped);
  CHECK(stepped.error().code == Errc::kBrokenChain);
  CHECK(stepped.error().message == "page 4 is lost");
}

}  // namespace litetool
