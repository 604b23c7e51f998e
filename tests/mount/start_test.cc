// What a mount reads before it serves.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "mount/mounted.h"
#include "mount/truth.h"
#include "support/sqlite_session.h"
#include "support/temp_dir.h"

namespace litetool::test {
namespace {

// Bytes that a process has asked for with read() and its relatives.
std::uint64_t bytes_read_by(int pid) {
  std::ifstream io("/proc/" + std::to_string(pid) + "/io");
  std::string name;
  std::uint64_t bytes = 0;
  while (io >> name >> bytes) {
    if (name == "rchar:") return bytes;
  }
  FAIL("no account of what process " << pid << " reads");
  return 0;
}

TEST_CASE("after a clean stop the database is not read, after a kill it is") {
  const auto mode = GENERATE(as<const char*>(), "WAL", "DELETE");
  const TempDir temp;
  const std::string directory = temp.file("data");
  REQUIRE(::mkdir(directory.c_str(), 0755) == 0);
  {
    SqliteSession session(directory + "/app.db");
    session.exec(std::string("PRAGMA synchronous=OFF; PRAGMA journal_mode=") + mode);
    session.exec("CREATE TABLE t(x)");
    session.exec(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<100) "
        "INSERT INTO t SELECT printf('%.*c', 1000000, 'x') FROM n");
  }
  // Its history is small, so this is about the database; and no part of it is a hole.
  constexpr std::uint64_t kSize = 100000000;
  {
    Mounted first(directory);
    // Waits until it is loaded.
    CHECK(read_file(first.file("app.db-pos")).size() == 34);
    REQUIRE(first.unmount() == 0);
  }
  Mounted again(directory);
  // Waits for the load too.
  const Buffer position = read_file(again.file("app.db-pos"));
  CHECK(position.size() == 34);
  CHECK(bytes_read_by(again.pid()) < kSize / 20);
  {
    SqliteSession session(again.file("app.db"));
    session.exec("INSERT INTO t VALUES(1)");
  }
  CHECK(read_file(again.file("app.db-pos")) != position);
  CHECK(bytes_read_by(again.pid()) < kSize / 20);
  again.kill();
  Mounted killed(directory);  // has to read it, which shows that the account is right
  CHECK(read_file(killed.file("app.db-pos")).size() == 34);
  CHECK(bytes_read_by(killed.pid()) >= kSize);
  REQUIRE(killed.unmount() == 0);
  CHECK(ends_at_file(directory, "app.db", directory + "/app.db"));
}

}  // namespace
}  // namespace litetool::test
