#include "formats/sqlite/freelist.h"

#include <catch2/catch.hpp>
#include <set>

#include "formats/sqlite/pointer_map.h"
#include "tests/formats/sqlite/database_support.h"

namespace litetool {
namespace {

// 300 free pages over several trunks.
Buffer database_with_freelist() {
  return test::database(
      "PRAGMA page_size=512; CREATE TABLE keep(x); CREATE TABLE t(x);"
      "INSERT INTO t VALUES(zeroblob(160000)); DROP TABLE t;");
}

Status walk(const DatabaseView& view) {
  return walk_freelist(view, [](Pgno, FreePage) {});
}

}  // namespace

TEST_CASE("freelist: the walk visits each free page once") {
  const Buffer file = database_with_freelist();
  const DatabaseView view = test::view_of(file);
  std::set<Pgno> pages;
  int trunks = 0;
  const Status walked = walk_freelist(view, [&](Pgno pgno, FreePage kind) {
    pages.insert(pgno);
    trunks += kind == FreePage::kTrunk;
  });
  CHECK(walked.ok());
  CHECK(pages.size() == view.header.freelist_count);
  CHECK(pages.size() > 300);
  CHECK(trunks > 1);
  CHECK_FALSE(pages.contains(1));
}

TEST_CASE("freelist: cycles, wrong counts and impossible pages are errors with their offset") {
  Buffer file = database_with_freelist();
  DatabaseView view = test::view_of(file);
  const Pgno trunk = view.header.freelist_trunk;
  std::byte* page = file.data() + (trunk - 1) * 512;
  const Buffer good = file;

  store_be(page, trunk);
  CHECK_FALSE(walk(view).ok());
  file = good;
  store_be(page + 4, std::uint32_t{127});
  CHECK(walk(view).error().offset == view.offset_of(trunk) + 4);
  file = good;
  store_be(page + 8, view.size_pages + 1);
  CHECK(walk(view).error().offset == view.offset_of(trunk) + 8);
  file = good;
  view.header.freelist_count += 1;
  CHECK(walk(view).error().offset == 36U);
  view.header.freelist_count -= 2;
  CHECK_FALSE(walk(view).ok());
  view.header.freelist_trunk = 0;
  view.header.freelist_count = 0;
  CHECK(walk(view).ok());
}

TEST_CASE("pointer map: entries name the roots and the parents of a real database") {
  const Buffer file = test::database(
      "PRAGMA page_size=512; PRAGMA auto_vacuum=FULL; CREATE TABLE t(x);"
      "INSERT INTO t VALUES(zeroblob(200000));");
  const DatabaseView view = test::view_of(file);
  CHECK(pointer_map_page(1, view.header) == 0);
  CHECK(is_pointer_map_page(2, view.header));
  CHECK(pointer_map_page(104, view.header) == 2);
  CHECK(is_pointer_map_page(105, view.header));
  const Bytes map = Bytes(file).subspan(512, 512);
  const auto root = decode_pointer_entry(map, 3, view.header);
  REQUIRE(root);
  CHECK(root->type == PointerType::kRoot);
  const auto first = decode_pointer_entry(map, 4, view.header);
  REQUIRE(first);
  CHECK(first->type == PointerType::kFirstOverflow);
  CHECK(first->parent == 3);
  const auto second = decode_pointer_entry(map, 5, view.header);
  REQUIRE(second);
  CHECK(second->type == PointerType::kOverflow);
  CHECK(second->parent == 4);
  CHECK(decode_pointer_entry(map, 2, view.header).error().code == Errc::kNotFound);
  CHECK_FALSE(decode_pointer_entry(Buffer(512), 3, view.header));
  CHECK_FALSE(decode_pointer_entry(map.first(4), 3, view.header));
}

TEST_CASE("pointer map: a map page that would be the lock page is the one after it") {
  FileHeader header;
  header.page_size = 1024;  // its stride of 205 pages meets the lock page
  const Pgno lock = lock_page(1024);
  REQUIRE((lock - 2) % 205 == 0);
  CHECK(pointer_map_page(lock - 1, header) == lock - 205);
  CHECK(pointer_map_page(lock, header) == lock + 1);
  CHECK_FALSE(is_pointer_map_page(lock, header));
  CHECK(is_pointer_map_page(lock + 1, header));
  CHECK(pointer_map_page(lock + 2, header) == lock + 1);
}

}  // namespace litetool
