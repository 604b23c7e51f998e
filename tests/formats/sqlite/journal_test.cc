#include "formats/sqlite/journal.h"

#include <catch2/catch.hpp>
#include <map>

#include "tests/support/sqlite_session.h"
#include "tests/support/temp_dir.h"

namespace litetool {
namespace {

struct LiveJournal {
  Buffer before;  // the database when the transaction began
  Buffer during;  // the journal before the commit
  Buffer after;   // the journal after the commit; empty when it was kept in no form
};

// A transaction that spills its cache several times, over a database with that page size.
LiveJournal spilling_transaction(std::uint32_t page_size, const std::string& pragmas) {
  const test::TempDir dir;
  test::SqliteSession db(dir.file("a.db"));
  db.exec("PRAGMA page_size=" + std::to_string(page_size) + ";" + pragmas +
          "CREATE TABLE t(id INTEGER PRIMARY KEY, x);"
          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 60)"
          "INSERT INTO t SELECT i, randomblob(" +
          std::to_string(page_size) + ") FROM n;");
  LiveJournal j;
  j.before = test::read_file(dir.file("a.db"));
  db.exec(
      "PRAGMA cache_size=4; PRAGMA cache_spill=4; BEGIN; UPDATE t SET x = zeroblob(length(x));");
  j.during = test::read_file(dir.file("a.db-journal"));
  db.exec("COMMIT");
  if (std::filesystem::exists(dir.file("a.db-journal"))) {
    j.after = test::read_file(dir.file("a.db-journal"));
  }
  return j;
}

struct Walk {
  std::map<Pgno, Buffer> pages;
  std::uint32_t segments = 0;
  std::uint32_t initial_pages = 0;
  JournalRecordVerdict last = JournalRecordVerdict::kOk;
};

Walk walk(const Buffer& journal, std::uint32_t page_size) {
  const MemorySource source(journal);
  Result<JournalReader> reader = JournalReader::open(source, page_size);
  Walk w;
  if (!reader) return w;
  while (true) {
    auto record = reader->next();
    REQUIRE(record);
    if (!*record) break;
    w.last = (*record)->verdict;
    if (w.last != JournalRecordVerdict::kOk) break;
    w.pages.try_emplace((*record)->pgno, (*record)->page.begin(), (*record)->page.end());
  }
  w.segments = reader->segments();
  w.initial_pages = reader->initial_pages();
  return w;
}

void check_old_images(const Walk& w, const Buffer& before, std::uint32_t page_size) {
  CHECK(w.pages.size() > 50);
  for (const auto& [pgno, page] : w.pages) {
    const std::size_t at = (std::size_t{pgno} - 1) * page_size;
    REQUIRE(at + page_size <= before.size());
    CHECK(std::equal(page.begin(), page.end(), before.begin() + static_cast<std::ptrdiff_t>(at)));
  }
}

}  // namespace

TEST_CASE("journal: all segments of a spilling transaction hold the pages as they were") {
  for (const std::uint32_t size : {512U, 1024U, 4096U, 65536U}) {
    const LiveJournal j = spilling_transaction(size, "PRAGMA synchronous=FULL;");
    CHECK(journal_state(j.during) == JournalState::kLive);
    const Walk w = walk(j.during, 0);
    CHECK(w.segments > 3);
    CHECK(w.initial_pages == j.before.size() / size);
    check_old_images(w, j.before, size);
  }
}

TEST_CASE("journal: synchronous=OFF writes one segment to the end of the file") {
  const LiveJournal j = spilling_transaction(1024, "PRAGMA synchronous=OFF;");
  const Result<JournalHeader> h = decode_journal_header(j.during);
  REQUIRE(h);
  CHECK(h->records == kJournalRecordsToEnd);
  CHECK(h->page_size == 1024);
  check_old_images(walk(j.during, 0), j.before, 1024);
}

TEST_CASE("journal: PERSIST leaves zeros in front, the page list is still found") {
  for (const char* synchronous : {"OFF", "NORMAL", "FULL"}) {
    const LiveJournal j = spilling_transaction(
        512, "PRAGMA journal_mode=PERSIST; PRAGMA synchronous=" + std::string(synchronous) + ";");
    REQUIRE(journal_state(j.after) == JournalState::kFinalised);
    check_old_images(walk(j.after, 512), j.before, 512);
    const MemorySource source(j.after);
    CHECK(JournalReader::open(source, 0).error().code == Errc::kNotFound);
    const Result<JournalPages> list = list_journal_pages(source, 512);
    REQUIRE(list);
    CHECK(list->initial_pages == 0);
    CHECK(std::ranges::is_sorted(list->pages, {}, &JournalPage::pgno));
  }
}

TEST_CASE("journal: a short transaction in a kept journal ends before the older records") {
  const test::TempDir dir;
  test::SqliteSession db(dir.file("a.db"));
  db.exec(
      "PRAGMA page_size=512; PRAGMA journal_mode=PERSIST; PRAGMA synchronous=OFF;"
      "CREATE TABLE t(id INTEGER PRIMARY KEY, x); CREATE TABLE u(x);"
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 50)"
      "INSERT INTO t SELECT i, zeroblob(400) FROM n;"
      "UPDATE t SET x = zeroblob(401); UPDATE t SET x = zeroblob(399) WHERE id = 25;");
  const Buffer journal = test::read_file(dir.file("a.db-journal"));
  const MemorySource source(journal);
  const Result<JournalPages> list = list_journal_pages(source, 512);
  REQUIRE(list);
  CHECK(list->pages.size() == 2);  // page 1 and the row's
  CHECK(list->pages.front().pgno == 1);
}

TEST_CASE("journal: while records are being written the count is zero, the records are found") {
  const test::TempDir dir;
  test::SqliteSession db(dir.file("a.db"));
  db.exec(
      "PRAGMA page_size=1024; PRAGMA synchronous=FULL; CREATE TABLE t(x); BEGIN;"
      "INSERT INTO t VALUES(1);");
  const Buffer journal = test::read_file(dir.file("a.db-journal"));
  CHECK(journal_state(journal) == JournalState::kUnsynced);
  const Walk w = walk(journal, 0);
  CHECK(w.initial_pages == 2);
  CHECK(w.pages.contains(2));
}

TEST_CASE("journal: the states of the first bytes") {
  CHECK(journal_state({}) == JournalState::kEmpty);
  CHECK(journal_state(Buffer(27)) == JournalState::kForeign);
  CHECK(journal_state(Buffer(28)) == JournalState::kFinalised);
  Buffer b(28);
  b[20] = std::byte{1};
  CHECK(journal_state(b) == JournalState::kUnsynced);
  b[0] = std::byte{1};
  CHECK(journal_state(b) == JournalState::kForeign);
  const MemorySource empty({});
  CHECK(JournalReader::open(empty, 512).error().code == Errc::kNotFound);
}

TEST_CASE("journal: a super-journal's name is read where SQLite reads it") {
  const test::TempDir dir;
  const std::string path = dir.file("a.db");
  Buffer journal;
  {
    test::SqliteSession db(path);
    db.exec(
        "PRAGMA synchronous=OFF; CREATE TABLE t(x); INSERT INTO t VALUES(1);"
        "BEGIN; UPDATE t SET x = 2;");
    journal = test::read_file(path + "-journal");
    db.exec("COMMIT");
  }
  const MemorySource without(journal);
  CHECK_FALSE(*read_super_journal_name(without));
  const std::string name = dir.file("gone-mj\xc3\xa9");
  ByteWriter w(journal);
  w.be(lock_page(4096));
  w.bytes(as_bytes(name));
  w.be(static_cast<std::uint32_t>(name.size()));
  std::uint32_t sum = 0;
  for (const char c : name) sum += static_cast<std::uint32_t>(c);
  w.be(sum);
  w.be(std::uint64_t{0xd9d505f920a163d7});
  const MemorySource with(journal);
  CHECK(*read_super_journal_name(with) == name);
  CHECK(walk(journal, 0).pages.size() == 1);
  for (std::size_t n = 0; n < journal.size(); ++n) {
    const MemorySource cut(Bytes(journal).first(n));
    REQUIRE_FALSE(*read_super_journal_name(cut));
  }
  // A journal whose super-journal is gone is committed: SQLite must read the name as we do to see
  // that.
  const Buffer committed = test::read_file(path);
  test::write_file(path + "-journal", journal);
  CHECK(test::SqliteSession(path).value("SELECT x FROM t") == "2");
  test::write_file(path, committed);
  journal.back() ^= std::byte{1};
  test::write_file(path + "-journal", journal);
  CHECK(test::SqliteSession(path).value("SELECT x FROM t") == "1");
}

TEST_CASE("journal: every truncation and every bit flip of a small one is survived") {
  const LiveJournal j = spilling_transaction(512, "PRAGMA synchronous=FULL;");
  Buffer journal(j.during.begin(), j.during.begin() + 8192);
  const Walk whole = walk(journal, 0);
  for (std::size_t n = 0; n < journal.size(); n += n < 2100 ? 1 : 13) {
    const Walk w =
        walk(Buffer(journal.begin(), journal.begin() + static_cast<std::ptrdiff_t>(n)), 0);
    CHECK(w.pages.size() <= whole.pages.size());
  }
  for (std::size_t bit = 0; bit < 2048 * 8; ++bit) {
    journal[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    const Walk w = walk(journal, 0);
    const std::size_t in_record = bit / 8 < 512 ? 1 : (bit / 8 - 512) % 520;
    // Checksummed are the checksum itself and the page's bytes 312 and 112.
    const bool covered = in_record >= 516 || in_record == 4 + 312 || in_record == 4 + 112;
    if (bit / 8 >= 512 && covered) {
      REQUIRE(w.pages.size() < whole.pages.size());
    }
    journal[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
  }
}

}  // namespace litetool
