// A database with more pages than there is memory for is served and not captured; the others are,
// and it is itself once it fits.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "core/history/history_reader.h"
#include "tests/core/capture/run.h"
#include "tests/mount/truth.h"
#include "tests/support/sqlite_session.h"
#include "tests/support/temp_dir.h"

namespace litetool::test {
namespace {

constexpr Pgno kMost = 20;
constexpr const char* kSmall = "CREATE TABLE t(x); INSERT INTO t VALUES('small')";
constexpr const char* kGrow = "INSERT INTO t VALUES(zeroblob(200000))";

void change(const TempDir& temp, const std::string& name, const std::string& sql) {
  SqliteSession(temp.file(name)).exec(sql);
}

void check_not_captured(Run& run, const std::string& name) {
  const DatabaseStatus status = run.status(name);
  INFO(status.why);
  CHECK(status.state == CaptureState::kNotCaptured);
  CHECK(status.why.find("too much memory") != std::string::npos);
  REQUIRE_FALSE(run.warnings().empty());
  CHECK(run.warnings().back().find(name) != std::string::npos);
}

// With memory enough its history ends at the database.
void check_captured_later(const TempDir& temp, const std::string& name) {
  Run run(temp.path());
  REQUIRE(run.loaded());
  CHECK(run.status(name).state == CaptureState::kReady);
  const bool same = state_at(temp.path(), name, run.database(name)->position().txid) ==
                    committed_bytes(temp.file(name));
  CHECK(same);
}

TEST_CASE("too many pages: a database that is too large when it is found", "[history]") {
  const TempDir temp;
  change(temp, "large.db", kSmall);
  change(temp, "large.db", kGrow);
  change(temp, "small.db", kSmall);
  {
    Run run(temp.path(), posix_env(), kMost);
    REQUIRE(run.loaded());
    check_not_captured(run, "large.db");
    CHECK(run.status("small.db").state == CaptureState::kReady);
    CHECK(run.database("small.db")->position().txid == Txid{1});
  }
  check_captured_later(temp, "large.db");
}

TEST_CASE("too many pages: a journal of a few bytes that tells of millions", "[history]") {
  const TempDir temp;
  change(temp, "app.db", kSmall);
  Buffer journal(512);
  constexpr unsigned char kMagic[] = {0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7};
  std::ranges::copy(std::as_bytes(std::span(kMagic)), journal.begin());
  store_be(journal.data() + 16, std::uint32_t{3'000'000});  // pages before the transaction
  store_be(journal.data() + 20, std::uint32_t{512});
  store_be(journal.data() + 24, std::uint32_t{4096});
  write_file(temp.file("app.db-journal"), journal);
  {
    Run run(temp.path());
    REQUIRE(run.loaded());
    CHECK(run.status("app.db").why.find("it claims 3000000 pages, of which 2 are there") == 0);
  }
  std::filesystem::remove(temp.file("app.db-journal"));
  check_captured_later(temp, "app.db");
}

TEST_CASE("too many pages: a database that outgrows the memory", "[history]") {
  const TempDir temp;
  const bool wal = GENERATE(true, false);
  INFO((wal ? "WAL" : "rollback journal"));
  SqliteSession session(temp.file("app.db"));
  if (wal) session.exec("PRAGMA journal_mode=WAL");
  session.exec(kSmall);
  {
    Run run(temp.path(), posix_env(), kMost);
    REQUIRE(run.loaded());
    const auto database = run.database("app.db");
    const FileRole log = wal ? FileRole::kWal : FileRole::kJournal;
    const auto captured = [&](const std::string& sql) {
      session.exec(sql);
      database->opened(log, 1, false);
      if (wal) {
        database->catch_up();
      } else {
        database->before_remove(log);
        database->after_remove(log, true);
      }
      database->closed(log, 1);
    };
    captured("INSERT INTO t VALUES('more')");
    CHECK(run.status("app.db").state == CaptureState::kReady);
    const Pos small = database->position();
    CHECK(small.txid == Txid{2});
    captured(kGrow);
    check_not_captured(run, "app.db");
    CHECK(database->position() == small);
  }
  check_captured_later(temp, "app.db");
}

}  // namespace
}  // namespace litetool::test
