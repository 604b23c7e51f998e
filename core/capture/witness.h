// All databases below one mount, and the timer that watches those in use.
//
// Thread-safe. The registry's lock is never held while a database captures.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/capture/database.h"

namespace litetool {

class Witness {
 public:
  // `context` is copied. Nothing is read yet.
  explicit Witness(CaptureContext context);
  ~Witness();
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;

  // Finds the databases below the directory and brings their histories to the state of the files;
  // then starts the timer. A database that cannot be brought up is reported and left for later.
  Status start();
  // Ends the timer, captures what is left and lets the next start go on from there. `quiet`: nobody
  // has a file open any more.
  void stop(bool quiet);

  // The database at a path, known or not yet; its files may not exist.
  std::shared_ptr<Database> database_of(const std::string& path);
  // Null when nobody has asked for it and it has no history.
  std::shared_ptr<Database> find(const std::string& path);
  std::size_t databases_with_history();
  // All databases, those that were dropped too, by path. What was committed before the call is
  // captured first where that needs no waiting.
  std::vector<DatabaseStatus> status();

  // A file or a directory gets another name.
  void renamed(const std::string& from, const std::string& to, bool exchanged);

  // A -wal or -journal of it was opened: the timer looks at it from now on. Cheap when it does
  // already.
  void watch(const std::shared_ptr<Database>& database);

  // Whether the writes to a file should pass through us, by its first 100 bytes (fewer if it has
  // fewer): those of a database in rollback mode, which then need not be guessed from its journal.
  // Not those of a new file: most that live long turn to WAL at once.
  static bool must_see_writes(FileRole role, Bytes first);

 private:
  void run_timer();
  bool look_at_all();
  void prune();
  std::vector<std::shared_ptr<Database>> snapshot();
  void find_databases(const std::string& folder, int depth);
  void end_removed_histories();
  void bring_up(const std::string& path);

  CaptureContext context_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Database>> databases_;
  std::size_t prune_at_ = 1024;

  std::mutex timer_mutex_;
  std::condition_variable timer_wake_;
  bool stopping_ = false;
  std::vector<std::shared_ptr<Database>> watched_;
  std::thread timer_;
};

// The node id in the history folder, made at random the first time.
Result<std::uint64_t> load_node_id(Env& env, int dir);

}  // namespace litetool
