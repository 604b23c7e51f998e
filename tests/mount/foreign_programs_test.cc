// Programs that are not SQLite at work on the files of databases.
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "mount/watched_database.h"

namespace litetool::test {
namespace {

using Tier = Mounted::Tier;

// A database whose last commits are in its log alone, and nobody has it open.
void make_with_log(const std::string& path) {
  SqliteSession session(path);
  sqlite3_db_config(session.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  session.exec("PRAGMA journal_mode=WAL");
  session.exec("CREATE TABLE t(x)");
  session.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  for (int i = 0; i < 5; ++i) session.exec("INSERT INTO t VALUES(randomblob(3000))");
}

TEST_CASE("a log that is copied in before its database is a part of it") {
  const Tier tier = GENERATE(Tier::kPassthrough, Tier::kCached);
  const bool replaces = GENERATE(false, true);
  const bool used_afterwards = GENERATE(false, true);
  const TempDir elsewhere;
  make_with_log(elsewhere.file("app.db"));
  Watched w(tier);
  if (replaces) SqliteSession(w.file()).exec("CREATE TABLE old(x)");
  for (const char* suffix : {"-wal", ""}) {
    std::filesystem::copy_file(elsewhere.file("app.db") + suffix, w.file() + suffix,
                               std::filesystem::copy_options::overwrite_existing);
  }
  if (used_afterwards) SqliteSession(w.file()).exec("INSERT INTO t VALUES(1)");
  w.unmount();
  INFO((tier == Tier::kCached ? "cached" : "passthrough") << (replaces ? ", replaces" : ""));
  w.check_end();
}

TEST_CASE("a log that is taken away takes its commits along, and they come back with it") {
  const Tier tier = GENERATE(Tier::kPassthrough, Tier::kCached);
  enum class How { kUnlinked, kEmptied, kRenamed };
  const How how = GENERATE(How::kUnlinked, How::kEmptied, How::kRenamed);
  Watched w(tier);
  make_with_log(w.file());
  const std::string log = w.file() + "-wal";
  const std::string away = w.file("away");
  if (how == How::kUnlinked) REQUIRE(::unlink(log.c_str()) == 0);
  if (how == How::kEmptied) REQUIRE(::truncate(log.c_str(), 0) == 0);
  if (how == How::kRenamed) REQUIRE(::rename(log.c_str(), away.c_str()) == 0);
  INFO((tier == Tier::kCached ? "cached" : "passthrough") << ", " << static_cast<int>(how));
  SECTION("nobody uses it afterwards") {}
  SECTION("it is used without the log") {
    SqliteSession(w.file()).exec("INSERT INTO t VALUES(1)");
  }
  SECTION("the log comes back") {
    if (how != How::kRenamed) return;
    REQUIRE(::rename(away.c_str(), log.c_str()) == 0);
    SqliteSession(w.file()).exec("INSERT INTO t VALUES(1)");
  }
  w.unmount();
  w.check_end();
}

// The close of a copy reaches the daemon late, maybe when the copy has another name already.
TEST_CASE("a copy that is renamed over a database before its close") {
  const TempDir elsewhere;
  Watched w;
  for (const char* sql : {"CREATE TABLE old(x)", "INSERT INTO old VALUES(randomblob(9000))"}) {
    SqliteSession session(w.file());  // the second one goes through the page cache
    w.commit(session, sql);
  }
  {
    SqliteSession session(elsewhere.file("app.db"));
    session.exec("CREATE TABLE t(x)");
    session.exec("INSERT INTO t VALUES(randomblob(9000))");
  }
  const Buffer content = read_file(elsewhere.file("app.db"));
  const std::string copy = w.file("copy");
  const int fd = ::open(copy.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  REQUIRE(fd >= 0);
  REQUIRE(::write(fd, content.data(), content.size()) == static_cast<ssize_t>(content.size()));
  REQUIRE(::rename(copy.c_str(), w.file().c_str()) == 0);
  w.record();
  {
    SqliteSession session(w.file());
    w.commit(session, "UPDATE t SET x=randomblob(9000)");
    w.commit(session, "INSERT INTO t VALUES(randomblob(9000))");
  }
  ::close(fd);
  w.unmount();
  w.check();
}

// As rsync brings a file up to date. The capture of the copy and the rename meet.
TEST_CASE("a copy that is renamed over a database leaves no history without images") {
  const Tier tier = GENERATE(Tier::kPassthrough, Tier::kCached);
  const TempDir elsewhere;
  Watched w(tier);
  SqliteSession(w.file()).exec("CREATE TABLE old(x)");
  {
    SqliteSession session(elsewhere.file("app.db"));
    session.exec("CREATE TABLE t(x)");
    for (int i = 0; i < 8; ++i) {
      session.exec("INSERT INTO t VALUES(randomblob(3000))");
      const std::string copy = w.file("copy-" + std::to_string(i));
      std::filesystem::copy_file(elsewhere.file("app.db"), copy);
      REQUIRE(::rename(copy.c_str(), w.file().c_str()) == 0);
    }
  }
  w.unmount();
  w.check_end();
  for (const auto& folder : std::filesystem::directory_iterator(w.directory() + "/.litetool/db")) {
    INFO(folder.path().string());
    CHECK_FALSE(std::filesystem::is_empty(folder.path()));
    for (const auto& file : std::filesystem::directory_iterator(folder.path())) {
      INFO(file.path().string());
      CHECK(file.file_size() != 0);
    }
  }
}

}  // namespace
}  // namespace litetool::test
