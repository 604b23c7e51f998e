// A log that nobody has open is still a part of the database, whatever its file says.
//
// SQLite leaves one when its last client closes while another one is about to leave WAL mode: that
// one, who has not opened the log, then commits to the file, and the next client reads both.
#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/core/capture/run.h"
#include "tests/mount/truth.h"
#include "tests/support/sqlite_session.h"
#include "tests/support/temp_dir.h"

namespace litetool::test {
namespace {

constexpr std::size_t kVersionsAt = 18;  // in the header: how the file is written and read

void end_journal(Database& database, const std::string& path, bool by_unlink) {
  if (by_unlink) {
    database.before_remove(FileRole::kJournal);
    std::filesystem::remove(path);
    database.after_remove(FileRole::kJournal, true);
  } else {
    database.before_resize(FileRole::kJournal, 0);
    std::filesystem::resize_file(path, 0);
    database.after_resize(FileRole::kJournal, 0);
  }
}

TEST_CASE("a commit to the file beside a log that nobody has open") {
  const bool sees_writes = GENERATE(true, false);
  const bool by_unlink = GENERATE(true, false);
  const TempDir temp;
  SqliteSession session(temp.file("app.db"));
  session.exec("PRAGMA journal_mode=WAL");
  session.exec("CREATE TABLE t(x)");
  session.exec("INSERT INTO t VALUES(randomblob(9000))");

  const std::string left = temp.file("left.db");
  Buffer file = read_file(temp.file("app.db"));
  write_file(left, file);
  write_file(left + "-wal", read_file(temp.file("app.db-wal")));
  const Buffer before = committed_bytes(left);
  Run run(temp.path());
  REQUIRE(run.loaded());
  const auto database = run.database("left.db");

  database->opened(FileRole::kDatabase, 1, sees_writes);
  write_file(left + "-journal", Buffer(512, std::byte{1}));
  database->opened(FileRole::kJournal, 2, false);
  if (sees_writes) database->before_write(FileRole::kDatabase);
  file[kVersionsAt] = file[kVersionsAt + 1] = std::byte{1};
  write_file(left, file);
  if (sees_writes) database->after_write(FileRole::kDatabase, 0, file.size());
  database->before_sync(FileRole::kDatabase);
  end_journal(*database, left + "-journal", by_unlink);
  CHECK((states_in_history(temp.path(), "left.db") == std::vector<Buffer>{before}));

  session.exec("UPDATE t SET x=randomblob(9000)");
  write_file(left + "-wal", read_file(temp.file("app.db-wal")));
  database->opened(FileRole::kWal, 3, sees_writes);
  database->catch_up();
  CHECK((states_in_history(temp.path(), "left.db") ==
         std::vector<Buffer>{before, committed_bytes(left)}));
  CHECK(run.warnings().empty());
}

}  // namespace
}  // namespace litetool::test
