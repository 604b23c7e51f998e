#include "formats/sqlite/page_map.h"

#include <catch2/catch.hpp>
#include <map>

#include "formats/base/text.h"
#include "tests/formats/sqlite/database_support.h"

namespace litetool {
namespace {

const std::string kMixed =
    "CREATE TABLE t(a, b); CREATE INDEX ta ON t(a); CREATE TABLE gone(x);"
    "CREATE TABLE w(k PRIMARY KEY, v) WITHOUT ROWID; CREATE VIEW v AS SELECT 1;"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 300)"
    "INSERT INTO t SELECT hex(randomblob(40)), zeroblob(i * 9) FROM n;"
    "INSERT INTO w SELECT a, b FROM t; INSERT INTO gone SELECT b FROM t; DROP TABLE gone;";

}  // namespace

TEST_CASE("page map: every page of sound databases has a kind and pages per object are SQLite's") {
  for (const char* pragmas :
       {"PRAGMA page_size=512;", "PRAGMA page_size=1024; PRAGMA auto_vacuum=2;",
        "PRAGMA page_size=4096; PRAGMA auto_vacuum=1;"}) {
    const test::TempDir dir;
    test::SqliteSession db(dir.file("a.db"));
    db.exec(pragmas + kMixed);
    const Buffer file = test::read_file(dir.file("a.db"));
    const DatabaseView view = test::view_of(file);
    const Result<PageMap> map = map_pages(view);
    REQUIRE(map);
    CHECK(map->problem_count == 0);
    std::map<std::string, std::size_t> owned;
    std::uint32_t free_pages = 0;
    for (Pgno pgno = 1; pgno <= view.size_pages; ++pgno) {
      const PageKind kind = map->kinds[pgno];
      CHECK(kind != PageKind::kUnknown);
      free_pages += kind == PageKind::kFreelistLeaf || kind == PageKind::kFreelistTrunk;
      if (const SchemaRow* owner = map->owner(pgno)) ++owned[owner->name];
    }
    CHECK(free_pages == view.header.freelist_count);
    for (const char* name : {"sqlite_schema", "t", "ta", "w"}) {
      const auto pages =
          db.value("SELECT count(*) FROM dbstat WHERE name = '" + std::string(name) + "'");
      CHECK(std::to_string(owned[name]) == pages);
    }
  }
}

TEST_CASE("page kind: a page alone says what the whole database says, where its bytes can tell") {
  const Buffer file = test::database("PRAGMA page_size=1024; PRAGMA auto_vacuum=2;" + kMixed);
  const DatabaseView view = test::view_of(file);
  const Result<PageMap> map = map_pages(view);
  REQUIRE(map);
  for (Pgno pgno = 1; pgno <= view.size_pages; ++pgno) {
    const PageKind kind = map->kinds[pgno];
    if (kind == PageKind::kFreelistLeaf) continue;
    const Bytes page = *view.page(pgno);
    if (kind == PageKind::kOverflow && all_zero(page)) continue;
    CHECK(guess_page_kind(page, pgno, view.header, view.size_pages) == kind);
  }
  CHECK(guess_page_kind(Buffer(1024), 7, view.header, 100) == PageKind::kUnknown);
  CHECK(guess_page_kind(Buffer(1024), lock_page(1024), view.header, 0) == PageKind::kLockPage);
}

TEST_CASE("page map: an interior page that points back is one problem, the walk ends") {
  Buffer file = test::database("PRAGMA page_size=512;" + kMixed);
  const DatabaseView view = test::view_of(file);
  for (Pgno pgno = 2; pgno <= view.size_pages; ++pgno) {
    std::byte* page = file.data() + (pgno - 1) * 512;
    if (page[0] == std::byte{5}) store_be(page + 8, pgno);
  }
  const Result<PageMap> map = map_pages(view);
  REQUIRE(map);
  CHECK(map->problem_count > 0);
  CHECK(map->problems[0].message.find("in use already") != std::string::npos);
}

TEST_CASE(
    "b-tree page: space is covered in pages that were much changed, and a lost byte is noticed") {
  Buffer file = test::database(
      "PRAGMA page_size=512; CREATE TABLE t(id INTEGER PRIMARY KEY, x); CREATE INDEX i ON t(x);"
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 500)"
      "INSERT INTO t SELECT i, randomblob(i % 90) FROM n; DELETE FROM t WHERE id % 3 = 0;"
      "UPDATE t SET x = randomblob(length(x) - 2) WHERE id % 5 = 0;"
      "INSERT INTO t SELECT id * 3, zeroblob(5) FROM t WHERE id < 150;");
  const DatabaseView view = test::view_of(file);
  CHECK(map_pages(view)->problem_count == 0);
  std::byte* leaf = nullptr;
  for (Pgno pgno = 2; pgno <= view.size_pages && leaf == nullptr; ++pgno) {
    std::byte* page = file.data() + (pgno - 1) * 512;
    if (page[0] == std::byte{13}) leaf = page;
  }
  REQUIRE(leaf != nullptr);
  leaf[7] ^= std::byte{1};
  CHECK(map_pages(view)->problem_count == 1);
  leaf[7] ^= std::byte{1};
  store_be<std::uint16_t>(leaf + 1, 0xffff);
  CHECK(map_pages(view)->problem_count == 1);
}

TEST_CASE("page map: every single bit flip of a small database is survived") {
  Buffer file = test::database(
      "PRAGMA page_size=512; PRAGMA auto_vacuum=2; CREATE TABLE t(x);"
      "INSERT INTO t VALUES(zeroblob(1500)); CREATE TABLE u(x);"
      "INSERT INTO u VALUES(zeroblob(1500)); DROP TABLE u;");
  std::size_t noticed = 0;
  for (std::size_t bit = 0; bit < file.size() * 8; ++bit) {
    file[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    if (const Result<FileHeader> header = decode_file_header(file)) {
      if (file.size() % header->page_size == 0) {
        const Result<PageMap> map = map_pages(test::view_of(file));
        noticed += !map || map->problem_count > 0;
      }
    }
    file[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
  }
  CHECK(noticed > 500);
}

}  // namespace litetool
