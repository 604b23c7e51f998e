// B-tree pages, cells, records and overflow chains, compared with the rows that SQLite returns.
#include <catch2/catch.hpp>

#include "formats/base/text.h"
#include "formats/sqlite/btree_cursor.h"
#include "formats/sqlite/record.h"
#include "formats/sqlite/schema_reader.h"
#include "tests/formats/sqlite/database_support.h"

namespace litetool {
namespace {

using Rows = std::vector<std::vector<std::string>>;

// As SQLite's quote() writes it.
std::string quote(const Value& v, TextEncoding encoding) {
  switch (v.type) {
    case ValueType::kNull:
      return "NULL";
    case ValueType::kInteger:
      return std::to_string(v.integer);
    case ValueType::kReal:
      return format("%.17g", v.real);
    case ValueType::kText:
      return "'" + text_utf8(v.bytes, encoding) + "'";
    case ValueType::kBlob:
      return "X'" + to_hex(v.bytes) + "'";
  }
  return "";
}

Rows our_rows(const DatabaseView& view, Pgno root, bool with_rowid) {
  BtreeCursor cursor(view, root);
  Rows rows;
  while (true) {
    const auto entry = cursor.next();
    if (!entry) FAIL(entry.error().text());
    if (!*entry) return rows;
    const auto values = decode_record((*entry)->payload);
    REQUIRE(values);
    rows.emplace_back();
    if (with_rowid) rows.back().push_back(std::to_string((*entry)->rowid));
    for (const Value& v : *values) rows.back().push_back(quote(v, view.header.text_encoding));
  }
}

Pgno root_of(const DatabaseView& view, const std::string& name) {
  const auto schema = read_schema(view);
  REQUIRE(schema);
  for (const SchemaRow& row : *schema) {
    if (row.name == name) return row.root;
  }
  FAIL("no " + name);
  return 0;
}

constexpr const char* kFill =
    "CREATE TABLE t(a, b, c);"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 400)"
    "INSERT INTO t SELECT CASE i % 6 WHEN 0 THEN NULL WHEN 1 THEN i * 1234567890123"
    "  WHEN 2 THEN -i WHEN 3 THEN i + 0.5 WHEN 4 THEN 'r\u00e4w ' || i || ' \U0001F600'"
    "  ELSE randomblob(i) END, hex(zeroblob(i * 7)), i % 2 FROM n;"
    "INSERT INTO t VALUES(randomblob(300000), 'long', 9223372036854775807);"
    "CREATE INDEX tb ON t(b, a);"
    "CREATE TABLE w(k TEXT PRIMARY KEY, v) WITHOUT ROWID;"
    "INSERT INTO w SELECT 'key ' || rowid, b FROM t;";

}  // namespace

TEST_CASE("b-tree: rows of a table are those that SQLite returns, all page sizes and encodings") {
  const char* encodings[] = {"UTF-8", "UTF-16le", "UTF-16be"};
  int n = 0;
  for (const std::uint32_t size : {512U, 1024U, 4096U, 65536U}) {
    const test::TempDir dir;
    test::SqliteSession db(dir.file("a.db"));
    db.exec("PRAGMA page_size=" + std::to_string(size) + "; PRAGMA encoding='" +
            encodings[n++ % 3] + "';" + kFill);
    const Buffer file = test::read_file(dir.file("a.db"));
    const DatabaseView view = test::view_of(file);
    Rows ours = our_rows(view, root_of(view, "t"), true);
    for (auto& row : ours) {
      for (char& c : row[1]) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    Rows theirs = db.rows(
        "SELECT rowid, CASE typeof(a) WHEN 'real' THEN printf('%!.17g', a)"
        " ELSE lower(quote(a)) END, quote(b), quote(c) FROM t ORDER BY rowid");
    for (auto& row : theirs) {  // SQLite marks a real without fraction with ".0"
      if (row[1].ends_with(".0")) row[1].resize(row[1].size() - 2);
    }
    REQUIRE(ours.size() == 401);
    CHECK(ours == theirs);
  }
}

TEST_CASE("b-tree: keys of an index and of a WITHOUT ROWID table come in order") {
  const test::TempDir dir;
  test::SqliteSession db(dir.file("a.db"));
  db.exec("PRAGMA page_size=512;" + std::string(kFill));
  const Buffer file = test::read_file(dir.file("a.db"));
  const DatabaseView view = test::view_of(file);
  CHECK(our_rows(view, root_of(view, "w"), false) ==
        db.rows("SELECT quote(k), quote(v) FROM w ORDER BY k"));
  const Rows index = our_rows(view, root_of(view, "tb"), false);
  const Rows expected = db.rows("SELECT rowid FROM t ORDER BY b, a");
  REQUIRE(index.size() == expected.size());
  bool same = true;
  for (std::size_t i = 0; i < index.size(); ++i) same &= index[i].back() == expected[i][0];
  CHECK(same);
}

TEST_CASE("b-tree: reserved bytes at the end of pages are left out") {
  const test::TempDir dir;
  test::SqliteSession db(dir.file("a.db"));
  int reserve = 40;
  REQUIRE(sqlite3_file_control(db.get(), "main", SQLITE_FCNTL_RESERVE_BYTES, &reserve) ==
          SQLITE_OK);
  db.exec("PRAGMA page_size=512;" + std::string(kFill));
  const Buffer file = test::read_file(dir.file("a.db"));
  const DatabaseView view = test::view_of(file);
  REQUIRE(view.header.reserved_bytes == 40);
  CHECK(our_rows(view, root_of(view, "w"), false) ==
        db.rows("SELECT quote(k), quote(v) FROM w ORDER BY k"));
}

TEST_CASE("schema: rows are those of sqlite_schema in every encoding") {
  for (const char* encoding : {"UTF-8", "UTF-16le", "UTF-16be"}) {
    const test::TempDir dir;
    test::SqliteSession db(dir.file("a.db"));
    std::string sql = "PRAGMA page_size=512; PRAGMA encoding='" + std::string(encoding) + "';";
    for (int i = 0; i < 40; ++i) sql += format("CREATE TABLE \"t\u00e4 %d\"(x UNIQUE);", i);
    db.exec(sql + "CREATE VIEW v AS SELECT 1; CREATE TABLE long(x DEFAULT '" +
            std::string(2000, 'y') + "');");
    const Buffer file = test::read_file(dir.file("a.db"));
    const auto schema = read_schema(test::view_of(file));
    REQUIRE(schema);
    Rows ours;
    for (const SchemaRow& r : *schema) {
      ours.push_back({r.type, r.name, r.table_name, std::to_string(r.root), r.sql});
    }
    CHECK(ours == db.rows("SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema"));
  }
}

TEST_CASE("b-tree: a cycle of pages and a child outside of the database are errors") {
  Buffer file = test::database("PRAGMA page_size=512;" + std::string(kFill));
  const DatabaseView view = test::view_of(file);
  const Pgno root = root_of(view, "t");
  std::byte* page = file.data() + (root - 1) * 512;
  REQUIRE(page[0] == std::byte{5});
  const std::size_t cell = load_be<std::uint16_t>(page + 12);
  for (const Pgno child : {root, Pgno{0}, view.size_pages + 1, Pgno{0xffffffff}}) {
    store_be(page + cell, child);
    BtreeCursor cursor(view, root);
    const auto entry = cursor.next();
    REQUIRE_FALSE(entry);
    CHECK(entry.error().code == Errc::kCorrupt);
    CHECK_FALSE(*cursor.next());
  }
}

TEST_CASE("b-tree: every truncation and bit flip of a page decodes or is an error") {
  Buffer page = test::database("PRAGMA page_size=512; CREATE TABLE t(x); CREATE INDEX i ON t(x);");
  const std::uint32_t size = 512;
  for (std::size_t bit = 0; bit < page.size() * 8; ++bit) {
    page[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    for (Pgno pgno = 1; pgno <= 3; ++pgno) {
      const Bytes one = Bytes(page).subspan((pgno - 1) * size, size);
      const auto decoded = BtreePage::decode(one, pgno, size);
      if (!decoded) continue;
      for (std::uint32_t i = 0; i < decoded->cell_count(); ++i) {
        const auto cell = decoded->cell(i);
        if (cell) REQUIRE(cell->offset + cell->local.size() <= size);
        if (cell && !cell->local.empty()) (void)decode_record(cell->local).ok();
      }
    }
    page[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
  }
}

}  // namespace litetool
