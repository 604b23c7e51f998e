// Commits that no event tells of, and events that tell of no commit.
#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "core/os/unique_fd.h"
#include "mount/watched_database.h"

namespace litetool::test {
namespace {

TEST_CASE("trap: a commit that no event tells of, before one whose journal tells less", "[trap]") {
  Watched w;
  {
    SqliteSession silent(w.file());
    fill(w, silent, "PERSIST", 40);
    SqliteSession other(w.file());
    silent.exec("PRAGMA synchronous=OFF");
    silent.exec("UPDATE t SET v=randomblob(600) WHERE id=3");
    w.commit(other, "UPDATE t SET v=randomblob(600) WHERE id=30");
  }
  w.unmount();
  w.check_end();
}

// The pages reach the file one by one, and the journal that is still open was over before the
// first.
TEST_CASE("trap: a journal that stays open while transactions go without", "[trap]") {
  const auto tier = GENERATE(Mounted::Tier::kPassthrough, Mounted::Tier::kCached);
  const std::string mode = GENERATE("PERSIST", "TRUNCATE");
  const std::string without = GENERATE("OFF", "MEMORY");
  Watched w(tier);
  make(w, "DELETE", 40);
  {
    SqliteSession session(w.file());
    session.exec("PRAGMA locking_mode=EXCLUSIVE");
    session.exec("PRAGMA journal_mode=" + mode);
    w.commit(session, "UPDATE t SET v=randomblob(600) WHERE id<9");
    const UniqueFd journal(::open((w.file() + "-journal").c_str(), O_RDONLY | O_CLOEXEC));
    REQUIRE(journal.get() >= 0);
    session.exec("PRAGMA journal_mode=" + without);
    session.exec("PRAGMA cache_size=3");
    for (int i = 0; i < 3; ++i) w.commit(session, "UPDATE t SET v=randomblob(700)");
    session.exec("PRAGMA journal_mode=" + mode);
    w.commit(session, "UPDATE t SET v=randomblob(600) WHERE id<30");
  }
  w.unmount();
  w.check();
}

TEST_CASE("trap: a journal of before is cleared away beside a log", "[trap]") {
  Watched w;
  {
    SqliteSession session(w.file());
    fill(w, session, "PERSIST", 20);
    const Buffer left_over = read_file(w.file() + "-journal");
    w.commit(session, "PRAGMA journal_mode=WAL");
    write_file(w.file() + "-journal", left_over);
    w.commit(session, "UPDATE t SET v=randomblob(600) WHERE id<9");
    REQUIRE(::unlink((w.file() + "-journal").c_str()) == 0);
    w.commit(session, "UPDATE t SET v=randomblob(600) WHERE id<5");
  }
  w.record();
  w.unmount();
  w.check();
}

// Another process writes a commit to the log and is killed before it publishes it: made here on a
// copy, whose last frames are then put behind the log.
TEST_CASE("trap: a commit that its killed writer never published, at the last close", "[trap]") {
  Watched w;
  const TempDir elsewhere;
  {
    SqliteSession session(w.file());
    fill(w, session, "WAL", 5);
    std::filesystem::copy_file(w.file(), elsewhere.file("copy.db"));
    std::filesystem::copy_file(w.file() + "-wal", elsewhere.file("copy.db-wal"));
    const Buffer published = read_file(elsewhere.file("copy.db-wal"));
    SqliteSession killed(elsewhere.file("copy.db"));
    killed.exec("UPDATE t SET v=randomblob(600)");
    const Buffer longer = read_file(elsewhere.file("copy.db-wal"));
    REQUIRE(longer.size() > published.size());
    const int log = ::open((w.file() + "-wal").c_str(), O_WRONLY | O_CLOEXEC);
    REQUIRE(log >= 0);
    const std::size_t count = longer.size() - published.size();
    REQUIRE(::pwrite(log, longer.data() + published.size(), count,
                     static_cast<off_t>(published.size())) == static_cast<ssize_t>(count));
    ::close(log);
  }
  w.record();
  w.unmount();
  w.check();
}

// SQLite 3.40: frames that are written where others have to be summed anew stay without salts and
// checksum when a savepoint takes the others back.
TEST_CASE("trap: published frames without salts, before the log is begun anew", "[trap]") {
  const auto tier = GENERATE(Mounted::Tier::kPassthrough, Mounted::Tier::kCached);
  Watched w(tier);
  {
    SqliteSession session(w.file());
    fill(w, session, "WAL", 200);
    session.exec("PRAGMA cache_size=3");
    for (const char* kind : {"RESTART", "TRUNCATE", "PASSIVE"}) {
      session.exec("BEGIN");
      session.exec("SAVEPOINT s");
      session.exec("DELETE FROM t WHERE id%5=0");
      session.exec("INSERT INTO t(v) VALUES(randomblob(29091))");
      session.exec("ROLLBACK TO s");
      session.exec("RELEASE s");
      session.exec(numbers(53) + "INSERT INTO t(v) SELECT randomblob(337) FROM n");
      w.commit(session, "COMMIT");
      session.exec(std::string("PRAGMA wal_checkpoint(") + kind + ")");
      w.commit(session, "UPDATE t SET v=randomblob(600) WHERE id=7");
    }
  }
  w.record();
  w.unmount();
  w.check();
}

TEST_CASE("trap: a copy whose close is told of after the next client has begun", "[trap]") {
  const auto tier = GENERATE(Mounted::Tier::kPassthrough, Mounted::Tier::kCached);
  Watched w(tier);
  make(w, "DELETE", 40);
  const Buffer copy = read_file(w.file());
  {
    SqliteSession session(w.file());
    w.commit(session, "DELETE FROM t WHERE id > 2");
    w.commit(session, "UPDATE t SET v=randomblob(700)");
  }
  const int fd = ::open(w.file().c_str(), O_WRONLY | O_CLOEXEC);
  REQUIRE(fd >= 0);
  REQUIRE(::pwrite(fd, copy.data(), copy.size(), 0) == static_cast<ssize_t>(copy.size()));
  w.record();
  {
    SqliteSession session(w.file());
    w.commit(session, "DELETE FROM t WHERE id > 30");
  }
  ::close(fd);
  w.unmount();
  w.check();
}

}  // namespace
}  // namespace litetool::test
