// A commit whose log takes long to sync: the frames are written and reported, then the client waits
// for the disk, and then it says in shared memory, which nobody reports, that they count.
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

using std::chrono::milliseconds;

// SQLite's own file system, but each sync of a log takes 400 ms. The default one while it lives.
class SlowSyncs {
 public:
  SlowSyncs() {
    usual_ = sqlite3_vfs_find(nullptr);
    slow_ = *usual_;
    slow_.zName = "slow-syncs";
    slow_.xOpen = [](sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
      const int rc = usual_->xOpen(usual_, name, file, flags, out);
      if (rc != SQLITE_OK || (flags & SQLITE_OPEN_WAL) == 0) return rc;
      log_methods_ = file->pMethods;
      slow_methods_ = *file->pMethods;
      slow_methods_.xSync = [](sqlite3_file* log, int how) {
        std::this_thread::sleep_for(milliseconds(400));
        return log_methods_->xSync(log, how);
      };
      file->pMethods = &slow_methods_;
      return rc;
    };
    REQUIRE(sqlite3_vfs_register(&slow_, 1) == SQLITE_OK);
  }
  ~SlowSyncs() {
    sqlite3_vfs_unregister(&slow_);
    sqlite3_vfs_register(usual_, 1);
  }
  SlowSyncs(const SlowSyncs&) = delete;
  SlowSyncs& operator=(const SlowSyncs&) = delete;

 private:
  static inline sqlite3_vfs* usual_ = nullptr;
  static inline sqlite3_vfs slow_{};
  static inline const sqlite3_io_methods* log_methods_ = nullptr;
  static inline sqlite3_io_methods slow_methods_{};
};

TEST_CASE("a commit whose sync takes long is captured soon after it") {
  const auto tier = GENERATE(Mounted::Tier::kPassthrough, Mounted::Tier::kCached);
  const SlowSyncs slow;
  const TempDir temp;
  const std::string directory = temp.path() + "/data";
  std::filesystem::create_directory(directory);
  Mounted mounted(directory, tier);
  {
    SqliteSession session(mounted.file("app.db"));
    session.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t(x)");
    for (int i = 0; i < 3; ++i) {
      std::this_thread::sleep_for(milliseconds(500));
      session.exec("INSERT INTO t VALUES(1)");
      std::this_thread::sleep_for(milliseconds(500));
      const bool is_captured =
          states_in_history(directory, "app.db").back() == committed_bytes(directory + "/app.db");
      CHECK(is_captured);
    }
  }
  REQUIRE(mounted.unmount() == 0);
}

}  // namespace
}  // namespace litetool::test
