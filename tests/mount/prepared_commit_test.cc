// Commits of rollback mode that are prepared while the client syncs its pages: what may come
// between that and the end of the journal.
#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "mount/watched_database.h"
#include "support/interrupted_vfs.h"

namespace litetool::test {
namespace {

TEST_CASE("trap: somebody syncs the file in the middle of a transaction", "[trap]") {
  const auto mode = GENERATE(as<std::string>(), "DELETE", "TRUNCATE", "PERSIST");
  const auto synchronous = GENERATE(as<std::string>(), "FULL", "OFF");
  const bool fresh = GENERATE(true, false);
  const std::string end = GENERATE(as<std::string>(), "COMMIT", "ROLLBACK");
  CAPTURE(mode, synchronous, fresh, end);
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
  const bool commits_show = mode != "PERSIST" || synchronous != "OFF";
  commits_show ? w.check() : w.check_end();
}

TEST_CASE("trap: the daemon dies between the pages of a commit and the end of its journal",
          "[trap][crash]") {
  const bool committed = GENERATE(true, false);
  Watched w;
  make(w, "DELETE");
  CHECK(fails_to_commit(w.file(), "UPDATE t SET v=randomblob(650) WHERE id < 9",
                        [&] { w.kill_daemon(); }));
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
