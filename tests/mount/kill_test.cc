// The daemon is killed at chosen moments; after the next mount the history ends at the database.
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

#include "core/os/mount_table.h"
#include "mount/watched_database.h"

namespace litetool::test {
namespace {

TEST_CASE("killed after any number of commits, the history has them all", "[crash]") {
  const auto mode = GENERATE(as<const char*>(), "WAL", "DELETE", "PERSIST", "TRUNCATE");
  INFO(mode);
  Watched w;
  make(w, mode, 30);
  for (int commits = 0; commits < 6; ++commits) {
    {
      SqliteSession session(w.file());
      session.exec(std::string("PRAGMA journal_mode=") + mode);
      for (int i = 0; i < commits; ++i) {
        w.commit(session, "INSERT INTO t(v) VALUES(randomblob(3000))");
      }
      w.kill_daemon();
    }
    w.mount();
  }
  w.unmount();
  w.check();
}

TEST_CASE("killed inside a large transaction, the history has nothing of it", "[crash]") {
  const auto mode = GENERATE(as<const char*>(), "WAL", "DELETE");
  INFO(mode);
  Watched w;
  make(w, mode, 30);
  {
    SqliteSession session(w.file());
    session.exec("PRAGMA cache_size=10");
    session.exec("BEGIN");
    session.exec(numbers(2000) + "INSERT INTO t(v) SELECT randomblob(600) FROM n");
    w.kill_daemon();
  }
  w.mount();
  {
    SqliteSession next(w.file());  // rolls back what is left
    CHECK(next.value("SELECT count(*) FROM t") == "30");
    w.record();
    w.commit(next, "INSERT INTO t(v) VALUES(randomblob(600))");
  }
  w.unmount();
  w.check();
}

// Starts the daemon and kills it as soon as the mount is there, which is before the databases are
// loaded or while they are.
void kill_while_loading(const std::string& directory) {
  const pid_t daemon = ::fork();
  REQUIRE(daemon >= 0);
  if (daemon == 0) {
    ::execl(LITETOOL_BINARY, "litetool", "mount", "-q", directory.c_str(), nullptr);
    ::_exit(127);
  }
  constexpr int kTries = 20000;
  bool mounted = false;
  for (int n = 0; n < kTries && !mounted; ++n) {
    const auto entry = mount_at(directory);
    mounted = entry && entry->type == "fuse.litetool";
    if (!mounted) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  ::kill(daemon, SIGKILL);
  (void)::waitpid(daemon, nullptr, 0);
  (void)::umount2(directory.c_str(), MNT_DETACH);
  REQUIRE(mounted);
}

TEST_CASE("killed while a database is loaded, the next mount loads it", "[crash]") {
  const TempDir temp;
  const std::string directory = temp.file("data");
  REQUIRE(::mkdir(directory.c_str(), 0755) == 0);
  const std::string path = directory + "/app.db";
  {
    SqliteSession session(path);
    session.exec("PRAGMA synchronous=OFF; CREATE TABLE t(x)");
    session.exec(numbers(40) + "INSERT INTO t SELECT randomblob(1000000) FROM n");
  }
  for (int i = 0; i < 3; ++i) {
    kill_while_loading(directory);
    {
      SqliteSession session(path);  // nothing is mounted now
      session.exec("INSERT INTO t VALUES(" + std::to_string(i) + ")");
    }
    Mounted next(directory);
    {
      SqliteSession session(path);
      session.exec("INSERT INTO t VALUES(zeroblob(10000))");
    }
    REQUIRE(next.unmount() == 0);
    REQUIRE(ends_at_file(directory, "app.db", path));
  }
}

}  // namespace
}  // namespace litetool::test
