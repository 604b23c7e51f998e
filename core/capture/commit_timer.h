// Looks for commits that no event tells of: those of WAL mode without syncs, and those that end a
// journal in place.
//
// A database in use is looked at each few milliseconds. One that has been quiet for a while is left
// to inotify until its log is written to again, and looked at now and then for a minute, so that
// databases that are open and idle cost nothing. Where the kernel has no watches left they are
// looked at now and then instead.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/capture/database.h"
#include "core/os/file_watch.h"

namespace litetool {

class CommitTimer {
 public:
  // `dir` is the directory beneath the mount; `warn` is told once when watches run out.
  CommitTimer(int dir, std::function<void(const std::string&)> warn);
  ~CommitTimer();
  CommitTimer(const CommitTimer&) = delete;
  CommitTimer& operator=(const CommitTimer&) = delete;

  Status start();
  void stop();

  // A log or journal of the database was opened: it is looked at from now on, until it has none.
  // From any thread; cheap when it is known already.
  void add(const std::shared_ptr<Database>& database);

 private:
  struct Hot {
    std::shared_ptr<Database> database;
    int quiet_looks = 0;
  };

  // At rest for so short a time that a commit may still be under way: its frames were written and
  // reported, the client waits for the disk, and says that they count in shared memory only.
  struct Resting {
    std::shared_ptr<Database> database;
    int looks_left;
  };

  void run();
  bool take_arrivals();
  bool look_at_hot();
  void rest(const std::shared_ptr<Database>& database);
  void leave(const std::shared_ptr<Database>& database);
  void look_at_unwatched();
  void look_at_resting();
  void warn_once(const Error& error);

  const int dir_;
  const std::function<void(const std::string&)> warn_;
  std::unique_ptr<FileWatch> files_;
  std::thread thread_;

  std::mutex mutex_;
  bool stopping_ = false;                            // guarded by mutex_
  std::vector<std::shared_ptr<Database>> arriving_;  // guarded by mutex_

  // The thread's own.
  std::vector<Hot> hot_;
  std::map<int, std::shared_ptr<Database>> idle_;     // by the number of its watch
  std::vector<std::shared_ptr<Database>> unwatched_;  // idle, and nothing reports
  std::vector<Resting> resting_;
  bool warned_ = false;
};

}  // namespace litetool
