#include "formats/sqlite/wal_index.h"

#include <catch2/catch.hpp>

#include "tests/formats/sqlite/wal_support.h"

namespace litetool {

TEST_CASE("wal-index: the header of a live database agrees with its log") {
  for (const std::uint32_t size : {512U, 4096U, 65536U}) {
    const test::LiveWal live = test::live_wal(size, 4);
    const test::Scan s = test::scan(live.wal);
    const WalIndexLook look = decode_wal_index(live.shm);
    REQUIRE(look.verdict == WalIndexVerdict::kOk);
    CHECK(look.header.page_size == size);
    CHECK(look.header.state() == s.committed);
    CHECK(look.header.size_pages == s.frames.back().commit);
    CHECK_FALSE(look.header.big_endian_checksum);
    CHECK(look.header.read_marks[0] == 0);
    CHECK(look.header.read_marks[4] == kReadMarkUnused);
  }
}

TEST_CASE("wal-index: the hash tables name the page of every frame, over several blocks") {
  const test::TempDir dir;
  test::SqliteSession db(dir.file("a.db"));
  db.exec(
      "PRAGMA page_size=512; PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0;"
      "CREATE TABLE t(x); INSERT INTO t VALUES(zeroblob(4700000));");
  const Buffer shm = test::read_file(dir.file("a.db-shm"));
  const test::Scan s = test::scan(test::read_file(dir.file("a.db-wal")));
  const WalIndexLook look = decode_wal_index(shm);
  REQUIRE(look.verdict == WalIndexVerdict::kOk);
  REQUIRE(look.header.mx_frame > 2 * 4096);
  const auto pages = wal_index_pages(shm, look.header.mx_frame);
  REQUIRE(pages);
  REQUIRE(pages->size() == s.committed.frame);
  bool equal = true;
  for (std::size_t i = 0; i < pages->size(); ++i) equal &= (*pages)[i] == s.frames[i].pgno;
  CHECK(equal);
  CHECK_FALSE(wal_index_pages(Bytes(shm).first(kWalIndexBlockSize), look.header.mx_frame));
  CHECK_FALSE(wal_index_pages(shm, 0xffffffff));
}

TEST_CASE("wal-index: short or blank is not initialised, any bit flip in the copies is torn") {
  const Buffer shm = test::live_wal(4096, 2).shm;
  const Bytes head = Bytes(shm).first(kWalIndexHeaderSize);
  for (std::size_t n = 0; n < head.size(); ++n) {
    CHECK(decode_wal_index(head.first(n)).verdict == WalIndexVerdict::kNotInitialised);
  }
  CHECK(decode_wal_index(Buffer(136)).verdict == WalIndexVerdict::kNotInitialised);
  for (std::size_t bit = 0; bit < 96 * 8; ++bit) {
    Buffer flipped(head.begin(), head.end());
    flipped[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    CHECK(decode_wal_index(flipped).verdict == WalIndexVerdict::kTorn);
    const std::size_t twin = (bit / 8 + 48) % 96;  // the same flip in both copies
    flipped[twin] ^= static_cast<std::byte>(1U << (bit % 8));
    CHECK(decode_wal_index(flipped).verdict != WalIndexVerdict::kOk);
  }
}

TEST_CASE("wal-index: a damaged hash table is an error, never a crash") {
  const test::LiveWal live = test::live_wal(4096, 3);
  const std::uint32_t frames = decode_wal_index(live.shm).header.mx_frame;
  for (std::uint32_t i = 0; i < frames; ++i) {
    Buffer shm = live.shm;
    shm[kWalIndexHeaderSize + i * 4 + 1] ^= std::byte{1};
    CHECK_FALSE(wal_index_pages(shm, frames));
  }
}

}  // namespace litetool
