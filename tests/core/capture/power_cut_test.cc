// Power cuts, played by putting files back to what they were and starting in another run of the
// machine.
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "core/history/layout.h"
#include "tests/core/capture/run.h"
#include "tests/mount/truth.h"
#include "tests/support/hooked_env.h"
#include "tests/support/sqlite_session.h"
#include "tests/support/temp_dir.h"

namespace litetool::test {
namespace {

struct Files {
  Buffer database;
  Buffer wal;
};

Buffer bytes_of(const std::string& path) {
  return std::filesystem::exists(path) ? read_file(path) : Buffer();
}

// A database with a history of its transactions, one state of its files for each.
class Past {
 public:
  explicit Past(const std::string& mode) {
    SqliteSession session(path());
    session.exec("PRAGMA journal_mode=" + mode);
    session.exec("CREATE TABLE t(x)");
    HookedEnv env("first run");
    Run run(temp_.path(), env);
    REQUIRE(run.loaded());
    keep();
    for (const char* sql :
         {"INSERT INTO t VALUES(randomblob(30000))", "UPDATE t SET x=randomblob(20000)",
          "INSERT INTO t VALUES(randomblob(9000)), (2)", "DELETE FROM t WHERE x=2"}) {
      session.exec(sql);
      const auto database = run.database("app.db");
      if (mode == "WAL") {
        if (files_.size() == 1) database->opened(FileRole::kWal, 1, false);
        database->catch_up();
      } else {
        database->before_remove(FileRole::kJournal);
        database->after_remove(FileRole::kJournal, true);
      }
      keep();
    }
    end_ = committed_bytes(path());
  }

  std::size_t points() const { return files_.size(); }
  const Buffer& end() const { return end_; }
  std::string path() const { return temp_.file("app.db"); }
  const TempDir& temp() const { return temp_; }

  void put_back(std::size_t point) const {
    for (const char* suffix : {"-wal", "-shm", "-journal"}) {
      std::filesystem::remove(path() + suffix);
    }
    write_file(path(), files_[point].database);
    if (!files_[point].wal.empty()) write_file(path() + "-wal", files_[point].wal);
  }

  // Exit code of a process that starts under this Env and ends when all is loaded.
  int start_elsewhere(const std::string& boot_id, std::uint64_t kill_at) const {
    const pid_t pid = ::fork();
    REQUIRE(pid >= 0);
    if (pid == 0) {
      HookedEnv env(boot_id, kill_at);
      Run run(temp_.path(), env);
      ::_exit(run.loaded() ? 0 : 1);
    }
    int status = 0;
    REQUIRE(::waitpid(pid, &status, 0) == pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  // What SQLite itself finds, as a file.
  Buffer as_sqlite_sees_it() const {
    SqliteSession session(path());
    REQUIRE(session.value("PRAGMA integrity_check") == "ok");
    sqlite3_int64 size = 0;
    unsigned char* bytes = sqlite3_serialize(session.get(), "main", &size, 0);
    REQUIRE(bytes != nullptr);
    const Bytes all(reinterpret_cast<const std::byte*>(bytes), static_cast<std::size_t>(size));
    const Buffer copy(all.begin(), all.end());
    sqlite3_free(bytes);
    return copy;
  }

 private:
  void keep() { files_.push_back({read_file(path()), bytes_of(path() + "-wal")}); }

  TempDir temp_;
  std::vector<Files> files_;
  Buffer end_;
};

TEST_CASE("after a power cut a database at an earlier point is brought forward", "[crash]") {
  const auto mode = GENERATE(as<std::string>(), "WAL", "DELETE");
  const Past past(mode);
  const std::size_t states = states_in_history(past.temp().path(), "app.db").size();
  REQUIRE(states == past.points());
  for (std::size_t point = 0; point < past.points(); ++point) {
    INFO(mode << " point " << point);
    past.put_back(point);
    HookedEnv env("run " + std::to_string(point));
    {
      Run run(past.temp().path(), env);
      REQUIRE(run.loaded());
      CHECK(run.status("app.db").state == CaptureState::kReady);
    }
    const bool forward = past.as_sqlite_sees_it() == past.end();
    CHECK(forward);
    CHECK(states_in_history(past.temp().path(), "app.db").size() == states);
  }
}

// The disk may have written the end of a file before its middle.
TEST_CASE("after a power cut images that were not synced may be missing in the middle", "[crash]") {
  const auto mode = GENERATE(as<std::string>(), "WAL", "DELETE");
  const auto point = GENERATE(std::size_t{1}, std::size_t{4});
  INFO(mode << " point " << point);
  const Past past(mode);
  const std::string folder = past.temp().file(".litetool/db/app.db/");
  const std::string segment = folder + segment_name(Txid{1});
  const std::vector<std::uint64_t> sizes = image_sizes(past.temp().path(), "app.db");
  REQUIRE(sizes.size() == 5);
  Buffer bytes = read_file(segment);
  const auto hole = bytes.begin() + static_cast<std::ptrdiff_t>(sizes[0] + sizes[1] + sizes[2] / 2);
  std::fill_n(hole, sizes[2] / 4, std::byte{0});
  write_file(segment, bytes);
  past.put_back(point);
  HookedEnv env("second run");
  {
    Run run(past.temp().path(), env);
    REQUIRE(run.loaded());
    CHECK(run.status("app.db").state == CaptureState::kReady);
  }
  const std::vector<Buffer> states = states_in_history(past.temp().path(), "app.db");
  CHECK(states.size() >= 2);
  const bool ends_there = states.back() == past.as_sqlite_sees_it();
  CHECK(ends_there);
}

TEST_CASE("a start that dies while it brings a database forward is made up for", "[crash]") {
  const auto mode = GENERATE(as<std::string>(), "WAL", "DELETE");
  const Past past(mode);
  const std::size_t states = past.points();
  bool died = true;
  for (std::uint64_t effect = 1; died; ++effect) {
    REQUIRE(effect < 200);
    INFO(mode << " effect " << effect);
    past.put_back(1);
    const std::string boot_id = "cut " + std::to_string(effect);
    died = past.start_elsewhere(boot_id, effect) == FaultEnv::kKilled;
    REQUIRE(past.start_elsewhere(boot_id + " and again", 0) == 0);
    const bool forward = past.as_sqlite_sees_it() == past.end();
    CHECK(forward);
    CHECK(states_in_history(past.temp().path(), "app.db").size() == states);
  }
}

TEST_CASE("in the same run of the machine an older database is somebody's wish", "[crash]") {
  const Past past("DELETE");
  past.put_back(1);
  const Buffer wish = read_file(past.path());
  HookedEnv env("first run");
  Run run(past.temp().path(), env);
  REQUIRE(run.loaded());
  CHECK(read_file(past.path()) == wish);
  const std::vector<Buffer> states = states_in_history(past.temp().path(), "app.db");
  CHECK(states.size() == past.points() + 1);
  CHECK(states.back() == wish);
}

TEST_CASE("after a restart of the machine an open waits until the database is looked at",
          "[crash]") {
  const Past past("DELETE");
  past.put_back(0);
  HookedEnv env("second run");
  Run run(past.temp().path(), env);
  run.database("app.db")->before_open();
  CHECK(run.database("app.db")->position().txid.value == past.points());
  const bool forward = read_file(past.path()) == past.end();
  CHECK(forward);
}

}  // namespace
}  // namespace litetool::test
