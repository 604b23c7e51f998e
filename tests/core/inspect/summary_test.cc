#include "core/inspect/summary.h"

#include <catch2/catch.hpp>

#include "core/inspect/file_kind.h"
#include "tests/formats/sqlite/wal_support.h"

namespace litetool {
namespace {

FileKind kind_of(const Buffer& bytes, const std::string& name) {
  const MemorySource source(bytes);
  const auto kind = detect_file_kind(source, name);
  REQUIRE(kind);
  return *kind;
}

WalSummary summary_of(const Buffer& wal) {
  const MemorySource source(wal);
  const auto s = summarise_wal(source, Job{posix_env()});
  REQUIRE(s);
  return *s;
}

}  // namespace

TEST_CASE("file kind: bytes decide, the name only where they are zeros") {
  const test::LiveWal live = test::live_wal(4096, 2);
  CHECK(kind_of(live.database, "x") == FileKind::kDatabase);
  CHECK(kind_of(live.wal, "x") == FileKind::kWal);
  CHECK(kind_of(live.shm, "x") == FileKind::kWalIndex);
  CHECK(kind_of({}, "x-wal") == FileKind::kEmpty);
  const Buffer zeros(32768);
  CHECK(kind_of(zeros, "a.db-shm") == FileKind::kWalIndex);
  CHECK(kind_of(zeros, "a.db-journal") == FileKind::kJournal);
  CHECK(kind_of(zeros, "a.db") == FileKind::kUnknown);
  Buffer ltx(100);
  std::ranges::copy(as_bytes("LTX1"), ltx.begin());
  CHECK(kind_of(ltx, "a.ltx") == FileKind::kLtx);
  CHECK(kind_of(ltx, "a.ltxs") == FileKind::kSegment);
  for (std::size_t n = 1; n < 16; ++n) {
    CHECK(kind_of(Buffer(live.database.begin(), live.database.begin() + static_cast<int>(n)),
                  "x") == FileKind::kUnknown);
  }
}

TEST_CASE("WAL summary: a torn last frame and an unfinished transaction are no damage") {
  Buffer wal = test::live_wal(512, 4).wal;
  const WalSummary whole = summary_of(wal);
  CHECK_FALSE(whole.damage);
  CHECK_FALSE(whole.end);
  CHECK(whole.transactions == 5);
  CHECK(whole.committed.frame == whole.frames);
  wal.pop_back();
  const WalSummary torn = summary_of(wal);
  CHECK_FALSE(torn.damage);
  CHECK(torn.end == FrameVerdict::kTorn);
  CHECK(torn.transactions == 4);
  CHECK(torn.committed.frame == whole.frames - 1);
}

TEST_CASE("WAL summary: leftovers of an older generation are no damage, lost commits are") {
  const test::TempDir dir;
  test::SqliteSession db(dir.file("a.db"));
  db.exec(
      "PRAGMA journal_mode=WAL; CREATE TABLE t(x);"
      "INSERT INTO t VALUES(zeroblob(60000)); PRAGMA wal_checkpoint(RESTART);"
      "INSERT INTO t VALUES(1);");
  const WalSummary restarted = summary_of(test::read_file(dir.file("a.db-wal")));
  CHECK_FALSE(restarted.damage);
  CHECK(restarted.end == FrameVerdict::kSaltMismatch);
  CHECK(restarted.transactions == 1);

  Buffer wal = test::live_wal(512, 4).wal;
  const std::size_t third = kWalHeaderSize + 2 * (kWalFrameHeaderSize + 512);
  wal[third + 100] ^= std::byte{1};
  const WalSummary damaged = summary_of(wal);
  REQUIRE(damaged.damage);
  CHECK(damaged.damage->offset == third);
  CHECK(damaged.valid_frames == 2);
  CHECK(damaged.transactions == 1);
}

TEST_CASE(
    "database summary: a file shorter than its header says is damaged, unless a WAL may hold it") {
  Buffer file;
  {
    const test::TempDir dir;
    test::SqliteSession db(dir.file("a.db"));
    db.exec("CREATE TABLE t(x); INSERT INTO t VALUES(zeroblob(20000));");
    file = test::read_file(dir.file("a.db"));
  }
  const auto summarise = [&](std::size_t size) {
    const MemorySource source(Bytes(file).first(size));
    const auto s = summarise_database(source);
    REQUIRE(s);
    return *s;
  };
  CHECK_FALSE(summarise(file.size()).damage);
  CHECK(summarise(8192).damage->offset == 28U);
  file[18] = file[19] = std::byte{2};
  CHECK_FALSE(summarise(8192).damage);
}

TEST_CASE("file view: its size is bounded by the file, not by the header") {
  Buffer file;
  {
    const test::TempDir dir;
    test::SqliteSession db(dir.file("a.db"));
    db.exec("CREATE TABLE t(x);");
    file = test::read_file(dir.file("a.db"));
  }
  store_be<std::uint32_t>(file.data() + 28, 0xffffffff);
  const MemorySource source(file);
  const auto s = summarise_database(source);
  REQUIRE(s);
  Buffer page;
  const DatabaseView view = view_of_file(source, s->header, page);
  CHECK(view.size_pages == 2);
  CHECK(view.page(2).ok());
  CHECK_FALSE(view.page(3).ok());
}

}  // namespace litetool
