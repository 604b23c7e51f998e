#include "formats/sqlite/file_header.h"

#include <catch2/catch.hpp>

#include "tests/support/sqlite_session.h"
#include "tests/support/temp_dir.h"

namespace litetool {
namespace {

Buffer make_database(const std::string& pragmas) {
  const test::TempDir dir;
  test::SqliteSession db(dir.file("a.db"));
  db.exec(pragmas + "CREATE TABLE t(x); INSERT INTO t VALUES(zeroblob(9000));");
  return test::read_file(dir.file("a.db"));
}

TEST_CASE("versions with the WAL-reset bug are known") {
  for (const std::uint32_t bad : {3007000u, 3040001u, 3044005u, 3045000u, 3050006u, 3051002u}) {
    INFO(bad);
    CHECK(has_wal_reset_bug(bad));
  }
  for (const std::uint32_t good :
       {0u, 3006023u, 3044006u, 3044009u, 3050007u, 3051003u, 3052000u}) {
    INFO(good);
    CHECK_FALSE(has_wal_reset_bug(good));
  }
}

}  // namespace

TEST_CASE("database header: every page size is read back") {
  for (const std::uint32_t size : {512U, 1024U, 2048U, 4096U, 8192U, 16384U, 32768U, 65536U}) {
    const Buffer file = make_database("PRAGMA page_size=" + std::to_string(size) + ";");
    const Result<FileHeader> h = decode_file_header(file);
    REQUIRE(h);
    CHECK(h->page_size == size);
    CHECK(h->size_is_valid());
    CHECK(h->size_pages == file.size() / size);
    CHECK(database_pages(*h, file.size()) == file.size() / size);
    CHECK(h->auto_vacuum() == AutoVacuum::kNone);
    CHECK_FALSE(h->wal());
    CHECK(sqlite_version_text(h->sqlite_version) == sqlite3_libversion());
  }
}

TEST_CASE("database header: pragmas show up in their fields") {
  const Buffer file = make_database(
      "PRAGMA auto_vacuum=INCREMENTAL; PRAGMA encoding='UTF-16be'; PRAGMA user_version=77;"
      "PRAGMA application_id=1234; PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=1;");
  const Result<FileHeader> h = decode_file_header(file);
  REQUIRE(h);
  CHECK(h->auto_vacuum() == AutoVacuum::kIncremental);
  CHECK(h->text_encoding == TextEncoding::kUtf16be);
  CHECK(h->user_version == 77);
  CHECK(h->application_id == 1234);
  CHECK(h->wal());
  const Buffer full = make_database("PRAGMA auto_vacuum=FULL; PRAGMA encoding='UTF-16le';");
  const Result<FileHeader> f = decode_file_header(full);
  REQUIRE(f);
  CHECK(f->auto_vacuum() == AutoVacuum::kFull);
  CHECK(f->text_encoding == TextEncoding::kUtf16le);
}

TEST_CASE("database header: the size field counts only when both counters agree") {
  Buffer file = make_database("");
  Result<FileHeader> h = decode_file_header(file);
  REQUIRE(h);
  h->size_pages = 1;
  CHECK(database_pages(*h, file.size()) == 1);
  h->change_counter += 1;
  CHECK(database_pages(*h, file.size()) == file.size() / h->page_size);
  CHECK(database_pages(*h, file.size() + 1) == file.size() / h->page_size + 1);
  CHECK(file_pages(512, ~std::uint64_t{0}) == 0xffffffff);
}

TEST_CASE("database header: free pages are counted") {
  const test::TempDir dir;
  test::SqliteSession db(dir.file("a.db"));
  db.exec("CREATE TABLE t(x); INSERT INTO t VALUES(zeroblob(50000)); DROP TABLE t;");
  const Result<FileHeader> h = decode_file_header(test::read_file(dir.file("a.db")));
  REQUIRE(h);
  CHECK(std::to_string(h->freelist_count) == db.value("PRAGMA freelist_count"));
  CHECK(h->freelist_trunk != 0);
}

TEST_CASE("database header: any truncation is an error, any bit flip a value or an error") {
  const Buffer file = make_database("");
  const Bytes head = Bytes(file).first(kFileHeaderSize);
  for (std::size_t n = 0; n < head.size(); ++n) CHECK_FALSE(decode_file_header(head.first(n)));
  for (std::size_t bit = 0; bit < head.size() * 8; ++bit) {
    Buffer flipped(head.begin(), head.end());
    flipped[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    const Result<FileHeader> h = decode_file_header(flipped);
    if (bit / 8 < kFileMagicSize || (bit / 8 >= 21 && bit / 8 < 24)) CHECK_FALSE(h);
    if (h) CHECK(is_page_size(h->page_size));
  }
  Buffer newer(head.begin(), head.end());
  newer[19] = std::byte{3};
  CHECK(decode_file_header(newer).error().code == Errc::kUnsupported);
}

}  // namespace litetool
