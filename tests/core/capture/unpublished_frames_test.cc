// Frames in the log that a live wal-index does not publish are no part of the database.
#include <catch2/catch.hpp>

#include "tests/core/capture/run.h"
#include "tests/mount/truth.h"
#include "tests/support/sqlite_session.h"
#include "tests/support/temp_dir.h"

namespace litetool::test {
namespace {

TEST_CASE("a comparison of all pages ends where the wal-index does") {
  const TempDir temp;
  const std::string path = temp.file("app.db");
  SqliteSession session(path);
  session.exec("PRAGMA journal_mode=WAL");
  session.exec("CREATE TABLE t(x)");
  session.exec("INSERT INTO t VALUES(randomblob(9000))");
  const Buffer index = read_file(path + "-shm");
  const Buffer published = committed_bytes(path);
  const Buffer log = read_file(path + "-wal");
  session.exec("UPDATE t SET x=randomblob(9000)");
  const Buffer longer_log = read_file(path + "-wal");

  // As other clients see it that go on after the writer was killed just before it published.
  const std::string left = temp.file("left.db");
  write_file(left, read_file(path));
  write_file(left + "-wal", log);
  write_file(left + "-shm", index);
  Run run(temp.path());
  REQUIRE(run.loaded());
  const auto database = run.database("left.db");
  database->opened(FileRole::kShm, 1, false);
  database->before_resize(FileRole::kShm, 3);  // by its first client
  database->opened(FileRole::kWal, 2, false);
  write_file(left + "-wal", longer_log);
  database->replaced();  // compares

  const std::vector<Buffer> states = states_in_history(temp.path(), "left.db");
  CHECK(states.size() == 1);
  const bool ends_published = states.back() == published;
  CHECK(ends_published);
}

}  // namespace
}  // namespace litetool::test
