// All databases below one mount: loaded in the background, and watched by a timer while in use.
//
// Thread-safe. The registry's lock is never held while a database captures.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/capture/commit_timer.h"
#include "core/capture/database.h"

namespace litetool {

class Witness {
 public:
  // `context` is copied. Nothing is read yet.
  explicit Witness(CaptureContext context);
  ~Witness();
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;

  // Starts the timer, and a thread that finds the databases below the directory and brings their
  // histories to the state of the files. Does not wait for it: a client's event that must not
  // overtake the load of its database waits there. A database that cannot be loaded is reported and
  // tried again.
  Status start();
  // Waits until everything was loaded once, or for so long; true when it was.
  bool wait_loaded(std::chrono::milliseconds most);
  // Nobody waits for a long load any more: it ends, and begins anew at the next start.
  void interrupt_loads() { interrupted_ = true; }
  // Ends the timer, captures what is left and lets the next start go on from there. `quiet`: nobody
  // has a file open any more.
  void stop(bool quiet);

  // The database at a path, known or not yet; its files may not exist.
  std::shared_ptr<Database> database_of(const std::string& path);
  // The same for a file that is being opened: null for one that litetool itself is still writing
  // there, which is nobody's database until it has its name.
  std::shared_ptr<Database> database_to_open(const std::string& path);
  // Null when nobody has asked for it and it has no history.
  std::shared_ptr<Database> find(const std::string& path);
  std::size_t databases_with_history();
  // All databases, those that were dropped too, by path. What was committed before the call is
  // captured first where that needs no waiting.
  std::vector<DatabaseStatus> status();

  // All of them that are known.
  std::vector<std::shared_ptr<Database>> databases();
  const CaptureContext& context() const { return context_; }

  // A file or a directory gets another name by `rename`, which returns 0 or an errno, as this does.
  // The histories of the databases follow, by us or, if we are killed in between, at the next
  // start.
  int rename(const std::string& from, const std::string& to, bool exchange,
             const std::function<int()>& rename);

  // A -wal or -journal of it was opened: the timer looks at it from now on. Cheap when it does
  // already.
  void watch(const std::shared_ptr<Database>& database) { timer_.add(database); }

  // Whether the writes to a file should pass through us, by its first 100 bytes (fewer if it has
  // fewer): those of a database in rollback mode, which then need not be guessed from its journal.
  // Not those of a new file: most that live long turn to WAL at once.
  static bool must_see_writes(FileRole role, Bytes first);

 private:
  void prune();
  // Databases with their new names.
  using Moves = std::vector<std::pair<std::string, std::shared_ptr<Database>>>;
  Moves moves_of(const std::string& from, const std::string& to, bool exchange);
  Moves databases_at(const std::string& from, const std::string& to);
  Status note_rename(const std::string& from, const std::string& to, const Moves& moves);
  bool renamed(const std::string& from, const std::string& to, bool exchanged);
  bool take_along(const std::shared_ptr<Database>& database, const std::string& path,
                  bool exchanged);
  void run_loader();
  void load_all();
  void find_all();
  void load(const std::shared_ptr<Database>& database);
  void retry_failed();
  void stop_threads(std::chrono::milliseconds patience);

  std::atomic<bool> interrupted_{false};  // long loads end early
  CaptureContext context_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Database>> databases_;
  std::size_t prune_at_ = 1024;
  std::mutex renaming_;  // one note at a time

  // How far the loader is, guarded by mutex_.
  enum class Progress : std::uint8_t { kFinding, kLoading, kDone };
  Progress progress_ = Progress::kDone;
  bool stopping_ = false;
  std::condition_variable changed_;

  CommitTimer timer_;
  std::thread loader_;
};

}  // namespace litetool
