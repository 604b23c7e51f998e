// Keeps the histories of a mount small while it serves: a thread of the lowest priority that looks
// at each of them now and then: each minute, but more seldom at one that takes long to look at and
// has nothing to be done, so that a history of a million transactions costs next to nothing. What
// fails is reported once and tried again at the next look; the mount and its captures never wait
// for it.
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
#include <vector>

#include "core/capture/database.h"
#include "core/history/compaction.h"
#include "core/history/retention.h"

namespace litetool {

class UpkeepThread {
 public:
  using Databases = std::function<std::vector<std::shared_ptr<Database>>()>;
  // `context` outlives this. `databases` is called from the thread.
  UpkeepThread(const CaptureContext& context, Databases databases, RetentionPolicy policy)
      : context_(context), databases_(std::move(databases)), policy_(policy) {}
  ~UpkeepThread() { stop(); }
  UpkeepThread(const UpkeepThread&) = delete;
  UpkeepThread& operator=(const UpkeepThread&) = delete;

  void start();
  // Ends a look that is under way, soon.
  void stop();

 private:
  void run();
  void look_at(const std::shared_ptr<Database>& database);
  Result<CompactionReport> compact(const std::shared_ptr<Database>& database,
                                   const std::string& path);

  const CaptureContext& context_;
  const Databases databases_;
  const RetentionPolicy policy_;
  // By path, of the databases that have a history.
  struct Looked {
    std::chrono::steady_clock::time_point next;  // not before
    std::string told;                            // the last failure reported
  };
  std::map<std::string, Looked> looked_;
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::thread thread_;
};

}  // namespace litetool
