// After a kill the pages of a database are compared with its history while it is served already.
#include <sqlite3.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "core/history/layout.h"
#include "mount/mounted.h"
#include "mount/served_here.h"
#include "mount/truth.h"
#include "support/hooked_env.h"
#include "support/temp_dir.h"

namespace litetool::test {
namespace {

constexpr const char* kInsert = "INSERT INTO t VALUES(randomblob(5000))";
// Far more than a busy machine takes, and no test takes that long unless it has failed.
constexpr auto kPatience = std::chrono::minutes(1);

// Holds whoever reads pages of the database until it is let go.
class HeldHashing {
 public:
  HeldHashing() {
    env.on_read = [this](const std::string& path, std::size_t n) {
      if (path != "app.db" || n < 4096) return;
      if (!began_.exchange(true)) reached_.set_value();
      gate_.wait();
    };
  }
  ~HeldHashing() { let_go(); }

  bool reached() { return reached_.get_future().wait_for(kPatience) == std::future_status::ready; }
  void let_go() {
    if (!gone_.exchange(true)) go_.set_value();
  }
  bool is_held() const { return !gone_; }

  HookedEnv env{*posix_env().boot_id()};

 private:
  std::atomic<bool> began_{false};
  std::atomic<bool> gone_{false};
  std::promise<void> reached_;
  std::promise<void> go_;
  std::shared_future<void> gate_ = go_.get_future().share();
};

// What a client read and wrote, or what kept it from that. Asserts nothing: it has its own thread.
std::string client_at_work(const std::string& path, const std::vector<std::string>& statements) {
  sqlite3* db = nullptr;
  std::string said;
  int rc = sqlite3_open(path.c_str(), &db);
  for (const std::string& sql : statements) {
    if (rc == SQLITE_OK) rc = sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr);
  }
  if (rc != SQLITE_OK) said = sqlite3_errmsg(db);
  sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_close(db);
  return said;
}

// A database whose history was left behind by a killed daemon, and each of its states since.
std::vector<Buffer> leave_behind(const std::string& path, const std::string& directory) {
  std::vector<std::string> make = {"PRAGMA journal_mode=WAL", "CREATE TABLE t(x)"};
  make.insert(make.end(), 20, kInsert);
  make.emplace_back("PRAGMA wal_checkpoint");
  REQUIRE(client_at_work(path, make).empty());
  std::vector<Buffer> states = {committed_bytes(path)};
  {
    Mounted killed(directory);
    CHECK(read_file(killed.file("app.db-pos")).size() == 34);
    killed.kill();
  }
  for (int i = 0; i < 2; ++i) {
    REQUIRE(client_at_work(path, {kInsert}).empty());
    states.push_back(committed_bytes(path));
  }
  return states;
}

TEST_CASE("after a kill a database is served while its pages are compared", "[crash]") {
  const Tier tier = GENERATE(Tier::kAuto, Tier::kCached);
  const std::string synchronous = GENERATE("NORMAL", "FULL");
  const TempDir temp;
  const std::string directory = temp.file("data");
  std::filesystem::create_directories(directory);
  const std::string path = directory + "/app.db";
  std::vector<Buffer> states = leave_behind(path, directory);
  {
    HeldHashing hashing;
    ServedHere served(directory, tier, ServedHere::Witnesses::kCommits, hashing.env);
    CHECK(hashing.reached());
    auto client = std::async(std::launch::async, [&] {
      return client_at_work(path,
                            {"PRAGMA synchronous=" + synchronous, "PRAGMA wal_autocheckpoint=0",
                             "SELECT count(*) FROM t WHERE length(x)=5000", kInsert});
    });
    const bool done = client.wait_for(kPatience) == std::future_status::ready;
    CHECK(done);
    CHECK(hashing.is_held());
    // It must not change the file that is being read.
    auto checkpoint = std::async(std::launch::async,
                                 [&] { return client_at_work(path, {"PRAGMA wal_checkpoint"}); });
    CHECK(checkpoint.wait_for(std::chrono::milliseconds(200)) == std::future_status::timeout);
    CHECK(served.witness().database_of("app.db")->status().state == CaptureState::kLoading);
    hashing.let_go();
    CHECK(client.get().empty());
    CHECK(checkpoint.get().empty());
    CHECK(served.witness().wait_loaded(kPatience));
    CHECK(read_file(directory + "/app.db-pos").size() == 34);
  }
  states.push_back(committed_bytes(path));
  // One after another, as they were committed; none of it by comparing.
  CHECK((states_in_history(directory, "app.db") == states));
  CHECK_FALSE(
      std::filesystem::exists(history_folder_of(directory + "/.litetool", "app.db") + "/marks"));
}

}  // namespace
}  // namespace litetool::test
