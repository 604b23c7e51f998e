// Files that are removed while clients have them open: they are nobody's from then on, whatever is
// still done to them, and whoever gets their names.
#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <thread>

#include "mount/mounted.h"
#include "mount/truth.h"
#include "support/sqlite_session.h"
#include "support/temp_dir.h"

namespace litetool::test {
namespace {

void pause_for_the_timer() {
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
}

TEST_CASE("a database in WAL mode that is removed while it is open ends there") {
  const auto tier = GENERATE(Mounted::Tier::kPassthrough, Mounted::Tier::kCached);
  const TempDir temp;
  const std::string directory = temp.path() + "/data";
  std::filesystem::create_directory(directory);
  Mounted mounted(directory, tier);
  {
    SqliteSession session(mounted.file("app.db"));
    session.exec("PRAGMA journal_mode = WAL; CREATE TABLE t(x); INSERT INTO t VALUES(1)");
    session.exec("INSERT INTO t VALUES(2)");
    const Buffer last = committed_bytes(directory + "/app.db");
    for (const char* name : {"app.db", "app.db-shm", "app.db-wal"}) {
      std::filesystem::remove(mounted.file(name));
      pause_for_the_timer();
    }
    session.exec("INSERT INTO t VALUES(3)");
    pause_for_the_timer();
    std::vector<Buffer> states = states_in_history(directory, "app.db");
    REQUIRE(states.size() >= 2);
    CHECK(states.back().empty());
    const bool is_last = states[states.size() - 2] == last;
    CHECK(is_last);

    // The next one of that name begins anew.
    const std::size_t before = states.size();
    SqliteSession next(mounted.file("app.db"));
    next.exec("PRAGMA journal_mode = WAL; CREATE TABLE u(x)");
    next.exec("INSERT INTO u VALUES(4)");
    session.exec("INSERT INTO t VALUES(5)");
    pause_for_the_timer();
    states = states_in_history(directory, "app.db");
    CHECK(states.size() > before);
    const bool ends_there = states.back() == committed_bytes(directory + "/app.db");
    CHECK(ends_there);
  }
  REQUIRE(mounted.unmount() == 0);
}

TEST_CASE("a removed journal that is cut has nothing to do with the one that is there") {
  const auto tier = GENERATE(Mounted::Tier::kPassthrough, Mounted::Tier::kCached);
  const TempDir temp;
  const std::string directory = temp.path() + "/data";
  std::filesystem::create_directory(directory);
  Mounted mounted(directory, tier);
  {
    SqliteSession session(mounted.file("app.db"));
    session.exec(
        "CREATE TABLE t(x); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
        " WHERE i < 400) INSERT INTO t SELECT randomblob(600) FROM n");
    session.exec("BEGIN IMMEDIATE; UPDATE t SET x = randomblob(600) WHERE rowid = 1");
    const int removed = ::open(mounted.file("app.db-journal").c_str(), O_RDWR | O_CLOEXEC);
    REQUIRE(removed >= 0);
    session.exec("COMMIT");
    const std::size_t before = states_in_history(directory, "app.db").size();
    session.exec("PRAGMA cache_size = 2; BEGIN IMMEDIATE; UPDATE t SET x = randomblob(600)");
    REQUIRE(::ftruncate(removed, 0) == 0);
    CHECK(states_in_history(directory, "app.db").size() == before);
    session.exec("ROLLBACK");
    CHECK(states_in_history(directory, "app.db").size() == before);
    ::close(removed);
  }
  REQUIRE(mounted.unmount() == 0);
}

}  // namespace
}  // namespace litetool::test
