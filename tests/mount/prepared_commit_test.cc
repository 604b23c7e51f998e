// Commits of rollback mode that are prepared while the client syncs its pages: what may come
// between that and the end of the journal.
#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <functional>
#include <utility>

#include "mount/watched_database.h"

namespace litetool::test {
namespace {

TEST_CASE("trap: somebody syncs the file in the middle of a transaction", "[trap]") {
  const auto mode = GENERATE(as<std::string>(), "DELETE", "TRUNCATE", "PERSIST");
  const auto synchronous = GENERATE(as<std::string>(), "FULL", "OFF");
  const bool fresh = GENERATE(true, false);
  const std::string end = GENERATE(as<std::string>(), "COMMIT", "ROLLBACK");
  Watched w;
  if (!fresh) make(w, mode);
  {
    SqliteSession session(w.file());
    session.exec("PRAGMA journal_mode=" + mode);
    if (fresh) fill(w, session, mode);
    session.exec("PRAGMA synchronous=" + synchronous);
    session.exec("PRAGMA cache_size=2");
    session.exec("BEGIN; UPDATE t SET v=randomblob(610) WHERE id < 200");
    const int fd = ::open(w.file().c_str(), O_RDONLY | O_CLOEXEC);
    REQUIRE(fd >= 0);
    CHECK(::fsync(fd) == 0);
    session.exec("UPDATE t SET v=randomblob(620) WHERE id > 250");
    w.commit(session, end);
    ::close(fd);
    w.commit(session, "UPDATE t SET v=randomblob(630) WHERE id = 1");
  }
  w.unmount();
  const bool commits_show = mode != "PERSIST" || synchronous != "OFF" || !fresh;
  commits_show ? w.check() : w.check_end();
}

// SQLite's VFS that fails once to remove a journal, which is how a transaction is committed, and
// calls this instead.
std::function<void()> g_instead_of_delete;
int delete_but_once(sqlite3_vfs*, const char* name, int sync_directory) {
  if (g_instead_of_delete) {
    std::exchange(g_instead_of_delete, nullptr)();
    return SQLITE_IOERR_DELETE;
  }
  sqlite3_vfs* real = sqlite3_vfs_find("unix");
  return real->xDelete(real, name, sync_directory);
}

void use_interrupted_vfs() {
  static sqlite3_vfs vfs = [] {
    sqlite3_vfs made = *sqlite3_vfs_find("unix");
    made.zName = "unix-interrupted";
    made.xDelete = delete_but_once;
    return made;
  }();
  REQUIRE(sqlite3_vfs_register(&vfs, 0) == SQLITE_OK);
}

TEST_CASE("trap: the daemon dies between the pages of a commit and the end of its journal",
          "[trap][crash]") {
  const bool committed = GENERATE(true, false);
  use_interrupted_vfs();
  Watched w;
  make(w, "DELETE");
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open_v2(w.file().c_str(), &db, SQLITE_OPEN_READWRITE, "unix-interrupted") ==
          SQLITE_OK);
  g_instead_of_delete = [&] { w.kill_daemon(); };
  CHECK(sqlite3_exec(db, "UPDATE t SET v=randomblob(650) WHERE id < 9", nullptr, nullptr,
                     nullptr) != SQLITE_OK);
  sqlite3_close(db);
  // Somebody else finishes what the client could not.
  if (committed) REQUIRE(::unlink(w.file("app.db-journal").c_str()) == 0);
  if (committed) w.record();
  w.mount();
  {
    SqliteSession session(w.file());
    CHECK(session.value("SELECT count(*) FROM t WHERE length(v)=650") == (committed ? "8" : "0"));
    w.commit(session, "DELETE FROM t WHERE id=20");
  }
  w.unmount();
  w.check();
  CHECK_FALSE(std::filesystem::exists(w.directory() + "/.litetool/db/app.db/marks"));
}

}  // namespace
}  // namespace litetool::test
