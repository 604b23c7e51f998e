// What a naive capture falls for, each by its name: SQLite changes pages that no log names, writes
// pages that no transaction commits, and there are those who write without SQLite.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <functional>

#include "mount/watched_database.h"

namespace litetool::test {
namespace {

// Runs `work` in another process that is killed at its end, with everything still open. No
// assertions in there.
void in_killed_client(const std::function<void()>& work) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    work();
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
}

void run_without_assertions(const std::string& path, const std::string& sql) {
  sqlite3* db = nullptr;
  if (sqlite3_open(path.c_str(), &db) != SQLITE_OK) ::_exit(1);
  if (sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) ::_exit(1);
}

TEST_CASE("trap: leaves of the free list are used again and not journalled", "[trap]") {
  const auto mode = GENERATE(as<std::string>(), "DELETE", "PERSIST", "WAL");
  Watched w;
  make(w, mode);
  {
    SqliteSession session(w.file());
    session.exec("PRAGMA journal_mode=" + mode);
    w.commit(session, "DELETE FROM t WHERE id > 20");
    w.commit(session, numbers(200) + "INSERT INTO t SELECT i + 1000, randomblob(700) FROM n");
    w.commit(session, "DELETE FROM t WHERE id % 2");
    w.commit(session, numbers(90) + "INSERT INTO t SELECT i + 3000, randomblob(1700) FROM n");
  }
  w.record();
  w.unmount();
  w.check();
}

TEST_CASE("trap: pages within the growth of a WAL commit that have no frame", "[trap]") {
  Watched w;
  {
    SqliteSession session(w.file());
    fill(w, session, "WAL", 5);
    session.exec("PRAGMA cache_size=5");
    for (int i = 0; i < 5; ++i) {
      session.exec("BEGIN");
      session.exec("CREATE TABLE u(x)");
      session.exec(numbers(60) + "INSERT INTO u SELECT randomblob(900) FROM n");
      session.exec(numbers(10) + "INSERT INTO t(v) SELECT randomblob(900) FROM n");
      session.exec("DROP TABLE u");
      session.exec("COMMIT");
      w.record();
      w.commit(session, "DELETE FROM t WHERE id > 8");
    }
  }
  w.record();
  w.unmount();
  w.check();
}

TEST_CASE("trap: a hot journal that the next client plays back is no transaction", "[trap]") {
  const auto mode = GENERATE(as<std::string>(), "DELETE", "TRUNCATE", "PERSIST");
  const auto tier = GENERATE(Mounted::Tier::kPassthrough, Mounted::Tier::kCached);
  Watched w(tier);
  make(w, mode);
  const std::string path = w.file();
  in_killed_client([&] {
    run_without_assertions(path, "PRAGMA journal_mode=" + mode +
                                     "; PRAGMA cache_size=2; BEGIN;"
                                     "UPDATE t SET v=randomblob(650)");
  });
  {
    SqliteSession session(w.file());
    CHECK(session.value("SELECT count(*) FROM t WHERE length(v)=650") == "0");
    w.record();
    w.commit(session, "DELETE FROM t WHERE id=3");
  }
  w.unmount();
  w.check();
}

TEST_CASE("D21: a rollback after a spill is no transaction", "[trap]") {
  const auto mode = GENERATE(as<std::string>(), "DELETE", "TRUNCATE", "PERSIST", "WAL");
  Watched w;
  make(w, mode);
  {
    SqliteSession session(w.file());
    session.exec("PRAGMA journal_mode=" + mode);
    session.exec("PRAGMA cache_size=2");
    session.exec("BEGIN; UPDATE t SET v=randomblob(900); ROLLBACK");
    w.record();
    // The same with a savepoint in a transaction that is committed.
    session.exec("BEGIN; DELETE FROM t WHERE id=1; SAVEPOINT s; UPDATE t SET v=randomblob(900)");
    session.exec("ROLLBACK TO s");
    w.commit(session, "COMMIT");
  }
  w.unmount();
  w.check();
}

TEST_CASE("D24: one transaction over two attached databases, with a super-journal", "[trap]") {
  const auto mode = GENERATE(as<std::string>(), "DELETE", "TRUNCATE", "PERSIST");
  Watched w;
  make(w, mode, 20);
  {
    SqliteSession session(w.file());
    session.exec("PRAGMA journal_mode=" + mode);
    session.exec("ATTACH '" + w.file("other.db") + "' AS other");
    session.exec("PRAGMA other.journal_mode=" + mode);
    w.commit(session, "CREATE TABLE other.t(v)", "other.db");
    for (int i = 0; i < 3; ++i) {
      w.commit(session, "BEGIN; DELETE FROM t WHERE id=" + std::to_string(i + 1) +
                            "; INSERT INTO other.t VALUES(randomblob(3000)); COMMIT");
      w.record("other.db");
    }
    session.exec("BEGIN; DELETE FROM t; DELETE FROM other.t; ROLLBACK");
  }
  for (const auto& entry : std::filesystem::directory_iterator(w.directory())) {
    CHECK(entry.path().filename().string().find("-mj") == std::string::npos);
  }
  w.unmount();
  w.check();
  w.check("other.db");
}

TEST_CASE("D28: databases that are written without a journal: cp, VACUUM INTO, backup", "[trap]") {
  const auto tier = GENERATE(Mounted::Tier::kPassthrough, Mounted::Tier::kCached);
  Watched w(tier);
  make(w, "DELETE");
  std::filesystem::copy_file(w.file(), w.file("copied.db"));
  w.record("copied.db");
  {
    SqliteSession session(w.file());
    session.exec("VACUUM INTO '" + w.file("vacuumed.db") + "'");
    SqliteSession target(w.file("backup.db"));
    sqlite3_backup* backup = sqlite3_backup_init(target.get(), "main", session.get(), "main");
    REQUIRE(backup != nullptr);
    CHECK(sqlite3_backup_step(backup, -1) == SQLITE_DONE);
    CHECK(sqlite3_backup_finish(backup) == SQLITE_OK);
  }
  const TempDir outside;
  std::filesystem::copy_file(w.file(), outside.file("moved.db"));
  std::filesystem::copy_file(outside.file("moved.db"), w.file("moved.tmp"));
  std::filesystem::rename(w.file("moved.tmp"), w.file("moved.db"));
  w.unmount();
  w.check();
  w.check("copied.db");
  for (const char* name : {"vacuumed.db", "backup.db", "moved.db"}) {
    INFO(name);
    w.check_end(name);
  }
}

TEST_CASE("trap: a log that is begun anew between two looks", "[trap]") {
  const auto synchronous = GENERATE(as<std::string>(), "OFF", "NORMAL");
  const auto tier = GENERATE(Mounted::Tier::kPassthrough, Mounted::Tier::kCached);
  Watched w(tier);
  {
    SqliteSession session(w.file());
    fill(w, session, "WAL", 5);
    session.exec("PRAGMA synchronous=" + synchronous);
    session.exec("PRAGMA wal_autocheckpoint=2");
    for (int i = 0; i < 60; ++i) {
      w.commit(session, "UPDATE t SET v=randomblob(500) WHERE id=" + std::to_string(1 + i % 5));
      if (i % 20 == 19) session.exec("PRAGMA wal_checkpoint(RESTART)");
    }
  }
  w.record();
  w.unmount();
  w.check();
}

TEST_CASE("trap: a database that is removed while it is open", "[trap]") {
  Watched w;
  make(w, "DELETE", 20);
  {
    SqliteSession session(w.file());
    w.commit(session, "DELETE FROM t WHERE id=1");
    const Buffer last = committed_bytes(w.file());
    REQUIRE(::unlink(w.file().c_str()) == 0);
    (void)sqlite3_exec(session.get(), "DELETE FROM t WHERE id=2", nullptr, nullptr, nullptr);
    make(w, "DELETE", 30);  // another one of that name
  }
  w.unmount();
  w.check_end();
}

TEST_CASE("trap: the last close copies the log into the file", "[trap]") {
  const auto tier = GENERATE(Mounted::Tier::kPassthrough, Mounted::Tier::kCached);
  Watched w(tier);
  for (int i = 0; i < 5; ++i) {
    SqliteSession session(w.file());
    session.exec("CREATE TABLE IF NOT EXISTS t(v)");
    w.record();
    session.exec("PRAGMA journal_mode=WAL");
    w.record();
    session.exec("PRAGMA wal_autocheckpoint=0");
    w.commit(session, "INSERT INTO t VALUES(randomblob(2000))");
    w.commit(session, "INSERT INTO t VALUES(randomblob(20))");
  }
  w.record();
  w.unmount();
  w.check();
}

TEST_CASE("D1: from WAL to rollback mode and back, while others are connected", "[trap]") {
  const auto tier = GENERATE(Mounted::Tier::kPassthrough, Mounted::Tier::kCached);
  Watched w(tier);
  make(w, "WAL", 20);
  {
    SqliteSession session(w.file());
    for (int i = 0; i < 4; ++i) {
      w.commit(session, "PRAGMA journal_mode=DELETE");
      w.commit(session, "UPDATE t SET v=randomblob(300) WHERE id=1");
      SqliteSession other(w.file());
      w.commit(other, "UPDATE t SET v=randomblob(400) WHERE id=2");
      w.commit(session, "PRAGMA journal_mode=WAL");
      w.commit(session, "UPDATE t SET v=randomblob(500) WHERE id=3");
      w.commit(other, "UPDATE t SET v=randomblob(600) WHERE id=4");
    }
  }
  w.record();
  w.unmount();
  w.check();
}

TEST_CASE("D5: VACUUM in WAL mode that shrinks the database by far", "[trap]") {
  Watched w;
  {
    SqliteSession session(w.file());
    session.exec("PRAGMA page_size=512");
    fill(w, session, "WAL", 1500);
    w.commit(session, "DELETE FROM t WHERE id > 10");
    w.commit(session, "VACUUM");
    w.commit(session, "INSERT INTO t(v) VALUES(randomblob(5000))");
  }
  w.record();
  w.unmount();
  w.check();
}

TEST_CASE("D6: VACUUM to another page size goes on with the same history", "[trap]") {
  const auto sizes =
      GENERATE(std::make_pair(4096, 8192), std::make_pair(4096, 512), std::make_pair(1024, 65536));
  Watched w;
  {
    SqliteSession session(w.file());
    session.exec("PRAGMA page_size=" + std::to_string(sizes.first));
    fill(w, session, "DELETE", 100);
    session.exec("PRAGMA page_size=" + std::to_string(sizes.second));
    w.commit(session, "VACUUM");
    w.commit(session, "DELETE FROM t WHERE id=7");
  }
  {
    SqliteSession session(w.file());
    w.commit(session, "DELETE FROM t WHERE id=8");
  }
  w.unmount();
  w.check();
}

TEST_CASE("D7: a database that was there before the mount is adopted whole", "[trap]") {
  Watched w;
  w.unmount();
  {
    SqliteSession session(w.file());
    fill(w, session, "DELETE", 200);
  }
  const std::vector<Buffer> adopted = {committed_bytes(w.file())};
  w.mount();
  Buffer after;
  {
    SqliteSession session(w.file());
    session.exec("DELETE FROM t WHERE id=7");
  }
  w.unmount();
  const std::vector<Buffer> states = states_in_history(w.directory(), "app.db");
  REQUIRE(states.size() == 2);
  const bool first_equal = states[0] == adopted[0];
  CHECK(first_equal);
  w.check_end();
}

TEST_CASE("D20: journal_mode MEMORY and OFF are captured when they sync", "[trap]") {
  const auto mode = GENERATE(as<std::string>(), "MEMORY", "OFF");
  const auto tier = GENERATE(Mounted::Tier::kPassthrough, Mounted::Tier::kCached);
  Watched w(tier);
  {
    SqliteSession session(w.file());
    session.exec("PRAGMA journal_mode=" + mode);
    session.exec("PRAGMA synchronous=FULL");
    w.commit(session, "CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)");
    for (int i = 0; i < 5; ++i) {
      w.commit(session, numbers(20) + "INSERT INTO t(v) SELECT randomblob(600) FROM n");
    }
  }
  w.unmount();
  w.check();
}

TEST_CASE("D22: exclusive locking in WAL mode works, without a wal-index", "[trap]") {
  const auto synchronous = GENERATE(as<std::string>(), "FULL", "NORMAL");
  Watched w;
  make(w, "WAL", 20);
  {
    SqliteSession session(w.file());
    session.exec("PRAGMA locking_mode=EXCLUSIVE");
    session.exec("PRAGMA synchronous=" + synchronous);
    for (int i = 0; i < 10; ++i) {
      w.commit(session, "UPDATE t SET v=randomblob(900) WHERE id=" + std::to_string(i));
    }
    CHECK_FALSE(std::filesystem::exists(w.file("app.db-shm")));
  }
  w.record();
  w.unmount();
  w.check();
}

TEST_CASE("D23: journal_size_limit with PERSIST cuts a journal that is over", "[trap]") {
  Watched w;
  make(w, "PERSIST");
  {
    SqliteSession session(w.file());
    session.exec("PRAGMA journal_mode=PERSIST");
    session.exec("PRAGMA journal_size_limit=4096");
    for (int i = 0; i < 5; ++i) w.commit(session, "UPDATE t SET v=randomblob(610)");
    CHECK(std::filesystem::file_size(w.file("app.db-journal")) == 4096);
  }
  w.unmount();
  w.check();
}

TEST_CASE("D30: a lock over several bytes is granted whole or not at all", "[trap]") {
  Watched w;
  make(w, "DELETE", 5);
  const auto lock = [](int fd, off_t start, off_t length) {
    struct flock range {};
    range.l_type = F_WRLCK;
    range.l_whence = SEEK_SET;
    range.l_start = start;
    range.l_len = length;
    return ::fcntl(fd, F_OFD_SETLK, &range);
  };
  const int one = ::open(w.file().c_str(), O_RDWR | O_CLOEXEC);
  const int two = ::open(w.file().c_str(), O_RDWR | O_CLOEXEC);
  REQUIRE(one >= 0);
  REQUIRE(two >= 0);
  CHECK(lock(one, 105, 1) == 0);
  CHECK(lock(two, 100, 10) != 0);
  CHECK(lock(one, 100, 5) == 0);
  ::close(one);
  CHECK(lock(two, 100, 10) == 0);
  ::close(two);
  w.unmount();
}

TEST_CASE("D33: what a commit costs depends on what it changes, not on the database", "[trap]") {
  const auto mode = GENERATE(as<std::string>(), "DELETE", "WAL");
  Watched w;
  {
    SqliteSession session(w.file());
    session.exec("CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)");
    session.exec("PRAGMA journal_mode=" + mode);
    session.exec(numbers(20'000) + "INSERT INTO t SELECT i, randomblob(1000) FROM n");
  }
  {
    SqliteSession session(w.file());
    session.exec("PRAGMA journal_mode=" + mode);
    for (int i = 1; i <= 20; ++i) {
      session.exec("UPDATE t SET v=randomblob(1000) WHERE id=" + std::to_string(i * 997));
    }
  }
  w.unmount();
  constexpr std::uint64_t kFewPages = 40'000;
  const auto sizes = image_sizes(w.directory(), "app.db");
  REQUIRE(sizes.size() > 20);
  for (std::size_t i = sizes.size() - 20; i < sizes.size(); ++i) CHECK(sizes[i] < kFewPages);
  w.check_end();
}

// Writes bytes into a file as a program that knows nothing of SQLite does.
void overwrite(const std::string& path, std::uint64_t offset, const std::string& bytes) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  REQUIRE(fd >= 0);
  const ssize_t n = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
  CHECK(n == static_cast<ssize_t>(bytes.size()));
  ::close(fd);
}

TEST_CASE("trap: the file is written to without SQLite", "[trap]") {
  const auto mode = GENERATE(as<std::string>(), "DELETE", "WAL");
  Watched w;
  make(w, mode);
  overwrite(w.file(), 3 * 4096 + 100, std::string(9000, 'x'));
  w.record();
  w.unmount();
  w.check();
}

TEST_CASE("trap: a damaged header is no transaction, and capture goes on when it is mended",
          "[trap]") {
  Watched w;
  make(w, "DELETE");
  overwrite(w.file(), 0, "Not a database");
  overwrite(w.file(), 0, "SQLite format 3");
  {
    SqliteSession session(w.file());
    session.exec("DELETE FROM t WHERE id=5");
  }
  w.unmount();
  w.mount();
  {
    SqliteSession session(w.file());
    session.exec("DELETE FROM t WHERE id=6");
  }
  w.unmount();
  w.check_end();
}

TEST_CASE("trap: a database that is emptied ends, and begins again", "[trap]") {
  Watched w;
  make(w, "DELETE", 20);
  std::filesystem::resize_file(w.file(), 0);
  make(w, "DELETE", 30);
  w.unmount();
  w.check_end();
}

TEST_CASE("trap: the journal of another time is no transaction", "[trap]") {
  Watched w;
  make(w, "PERSIST");
  w.unmount();
  w.mount();
  {
    SqliteSession session(w.file());
    session.exec("PRAGMA journal_mode=DELETE");  // removes the journal that was kept
    w.record();
    w.commit(session, "DELETE FROM t WHERE id=5");
    std::filesystem::copy_file(w.file(), w.file("app.db-journal.txt"));
  }
  w.unmount();
  w.check();
}

TEST_CASE("trap: the lock page of a database larger than 1 GiB is in no transaction", "[trap]") {
  constexpr std::uint32_t kPageSize = 65536;
  constexpr Pgno kPagesBefore = 16384;  // the next one is the lock page
  const auto mode = GENERATE(as<std::string>(), "DELETE", "WAL");
  Watched w;
  w.unmount();
  {
    SqliteSession session(w.file());
    session.exec("PRAGMA page_size=" + std::to_string(kPageSize));
    session.exec("CREATE TABLE t(v)");
    session.exec("PRAGMA journal_mode=" + mode);
  }
  // Unused pages that are in no list, as SQLite tolerates them; the file is sparse.
  std::filesystem::resize_file(w.file(), std::uint64_t{kPagesBefore} * kPageSize);
  constexpr std::uint64_t kPageCountOffset = 28;
  overwrite(w.file(), kPageCountOffset, std::string("\x00\x00\x40\x00", 4));
  w.mount();
  {
    SqliteSession session(w.file());
    session.exec("INSERT INTO t VALUES(randomblob(400000))");
    session.exec("INSERT INTO t VALUES(randomblob(400000))");
    CHECK(std::stoul(session.value("PRAGMA page_count")) > kPagesBefore + 10);
  }
  w.unmount();
  CHECK(ends_at_file(w.directory(), "app.db", w.file()));
}

}  // namespace
}  // namespace litetool::test
