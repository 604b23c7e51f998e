#include "formats/sqlite/wal.h"

#include <catch2/catch.hpp>
#include <random>

#include "tests/formats/sqlite/wal_support.h"
#include "tests/support/sqlite_session.h"
#include "tests/support/temp_dir.h"

namespace litetool {
namespace {

using test::live_wal;
using test::scan;
using test::with_big_endian_checksums;

}  // namespace

TEST_CASE("WAL checksum: the fast path equals the definition over all lengths and both orders") {
  std::mt19937 random(7);
  Buffer b(3000 * 8);
  for (std::byte& x : b) x = static_cast<std::byte>(random());
  for (std::size_t n = 0; n < 2600; n += 8) {
    const Bytes part = Bytes(b).subspan(n % 24, n);
    const WalChecksum start{static_cast<std::uint32_t>(random()),
                            static_cast<std::uint32_t>(random())};
    CHECK(wal_checksum(start, part, false) == wal_checksum_serial(start, part, false));
    CHECK(wal_checksum(start, part, true) == wal_checksum_serial(start, part, true));
  }
  CHECK(wal_checksum({}, Bytes(b), false) == wal_checksum_serial({}, Bytes(b), false));
}

TEST_CASE("WAL checksum: values worked out by hand") {
  const Buffer b = {std::byte{1}, {}, {}, {}, std::byte{2}, {}, {}, {}};
  CHECK(wal_checksum({}, b, false) == WalChecksum{1, 3});
  CHECK(wal_checksum({10, 20}, b, false) == WalChecksum{31, 53});
  CHECK(wal_checksum({}, b, true) == WalChecksum{0x01000000, 0x03000000});
}

TEST_CASE("WAL: the header of a known file decodes") {
  Buffer raw;
  ByteWriter w(raw);
  for (const std::uint32_t v : {0x377f0682U, 0x002de218U, 0x00001000U, 0U, 0x4875a40bU, 0xa38de4f5U,
                                0xe08b785bU, 0x8e57dda3U}) {
    w.be(v);
  }
  const Result<WalHeader> h = decode_wal_header(raw);
  REQUIRE(h);
  CHECK(h->page_size == 4096);
  CHECK_FALSE(h->big_endian_checksum);
  CHECK(h->salts == 0x4875a40ba38de4f5);
  CHECK(h->checksum == WalChecksum{0xe08b785b, 0x8e57dda3});
  CHECK(h->frame_offset(2) == 4152);
  CHECK(h->frame_offset(3) == 8272);
  CHECK(h->frames_in(12392) == 3);
  CHECK(h->frames_in(12391) == 2);
  CHECK(h->frames_in(31) == 0);
}

TEST_CASE("WAL: frames of real logs are valid for every page size and both byte orders") {
  for (const std::uint32_t size : {512U, 1024U, 4096U, 32768U, 65536U}) {
    for (const bool big_endian : {false, true}) {
      Buffer wal = live_wal(size, 5).wal;
      if (big_endian) wal = with_big_endian_checksums(wal);
      const test::Scan s = scan(wal);
      CHECK(s.header.page_size == size);
      CHECK(s.header.big_endian_checksum == big_endian);
      REQUIRE(s.frames.size() == s.header.frames_in(wal.size()));
      for (const WalFrame& f : s.frames) CHECK(f.ok());
      CHECK(s.frames.back().commit != 0);
      CHECK(s.state == s.committed);
    }
  }
}

TEST_CASE("WAL: what we call big-endian checksums, SQLite recovers") {
  const test::LiveWal live = live_wal(4096, 5);
  const test::TempDir dir;
  test::write_file(dir.file("b.db"), live.database);
  test::write_file(dir.file("b.db-wal"), with_big_endian_checksums(live.wal));
  test::SqliteSession db(dir.file("b.db"));
  CHECK(db.value("SELECT count(*) FROM t") == "5");
}

TEST_CASE("WAL: a walk resumed at every frame sees what one walk sees") {
  const Buffer wal = live_wal(512, 6).wal;
  const test::Scan whole = scan(wal);
  const MemorySource source(wal);
  WalState state = wal_start(whole.header);
  for (std::size_t i = 0; i < whole.frames.size(); ++i) {
    WalScanner one(source, whole.header, state, static_cast<std::uint32_t>(i + 1));
    const auto f = one.next();
    REQUIRE((f && *f && (*f)->ok()));
    CHECK((*f)->checksum == whole.frames[i].checksum);
    CHECK_FALSE(*one.next());
    state = one.state();
  }
  CHECK(state == whole.state);
}

TEST_CASE("WAL: a restarted log ends where the old generation shows") {
  const test::TempDir dir;
  test::SqliteSession db(dir.file("a.db"));
  db.exec(
      "PRAGMA journal_mode=WAL; CREATE TABLE t(x);"
      "INSERT INTO t VALUES(zeroblob(60000)); PRAGMA wal_checkpoint(RESTART);"
      "INSERT INTO t VALUES(1);");
  const Buffer wal = test::read_file(dir.file("a.db-wal"));
  const test::Scan valid = scan(wal);
  REQUIRE(valid.frames.size() >= 2);
  CHECK(valid.frames.back().verdict == FrameVerdict::kSaltMismatch);
  CHECK(valid.state == valid.committed);
  CHECK(valid.state.frame == valid.frames.size() - 1);
  const test::Scan all = scan(wal, WalScanner::Extent::kWholeFile);
  CHECK(all.frames.size() == all.header.frames_in(wal.size()));
  CHECK(all.frames.back().verdict == FrameVerdict::kSaltMismatch);
  CHECK(all.state == valid.state);
}

TEST_CASE("WAL: state of another generation makes the first frame a salt mismatch") {
  const Buffer wal = live_wal(4096, 2).wal;
  const Result<WalHeader> h = decode_wal_header(wal);
  REQUIRE(h);
  const MemorySource source(wal);
  WalState other = wal_start(*h);
  other.salts += 1;
  WalScanner s(source, *h, other);
  const auto f = s.next();
  REQUIRE((f && *f));
  CHECK((*f)->verdict == FrameVerdict::kSaltMismatch);
  CHECK_FALSE(*s.next());
  CHECK(s.committed() == other);
}

TEST_CASE("WAL: every truncation yields the whole frames before it") {
  const Buffer wal = live_wal(512, 3).wal;
  const test::Scan whole = scan(wal);
  for (std::size_t n = 0; n < wal.size(); ++n) {
    const Buffer cut(wal.begin(), wal.begin() + static_cast<std::ptrdiff_t>(n));
    if (n < kWalHeaderSize) {
      CHECK_FALSE(decode_wal_header(cut));
      continue;
    }
    const test::Scan s = scan(cut);
    const std::uint32_t frames = whole.header.frames_in(n);
    REQUIRE(s.state.frame == frames);
    const bool torn =
        s.frames.size() == frames + 1 && s.frames.back().verdict == FrameVerdict::kTorn;
    REQUIRE((torn || n == whole.header.frame_offset(frames + 1)));
  }
}

TEST_CASE("WAL: every single bit flip is noticed at its frame") {
  for (const bool big_endian : {false, true}) {
    Buffer wal = live_wal(512, 1).wal;
    if (big_endian) wal = with_big_endian_checksums(wal);
    const test::Scan whole = scan(wal);
    for (std::size_t bit = 0; bit < wal.size() * 8; ++bit) {
      wal[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
      if (bit / 8 < kWalHeaderSize) {
        REQUIRE_FALSE(decode_wal_header(wal));
      } else {
        const test::Scan s = scan(wal);
        const std::size_t frame = (bit / 8 - kWalHeaderSize) / whole.header.frame_size() + 1;
        REQUIRE(s.state.frame == frame - 1);
        REQUIRE(s.frames.size() == frame);
        REQUIRE_FALSE(s.frames.back().ok());
      }
      wal[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    }
  }
}

TEST_CASE("WAL: a page number 0 is no frame, though its checksum fits") {
  Buffer wal = live_wal(512, 1).wal;
  std::fill_n(wal.begin() + kWalHeaderSize, 4, std::byte{0});
  const test::Scan s = scan(test::rechained(wal, false));
  REQUIRE(s.frames.size() == 1);
  CHECK(s.frames[0].verdict == FrameVerdict::kBadPgno);
}

TEST_CASE("WAL header: version and page size are judged behind the checksum") {
  Buffer wal = live_wal(512, 1).wal;
  store_be<std::uint32_t>(wal.data() + 4, 3007001);
  CHECK(decode_wal_header(test::rechained(wal, false)).error().code == Errc::kUnsupported);
  store_be<std::uint32_t>(wal.data() + 4, 3007000);
  store_be<std::uint32_t>(wal.data() + 8, 1000);
  CHECK(decode_wal_header(test::rechained(wal, false)).error().offset == 8U);
}

}  // namespace litetool
