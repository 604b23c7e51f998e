#include "core/capture/upkeep_thread.h"

#include <chrono>

#include "core/history/compaction.h"
#include "core/history/layout.h"
#include "core/os/background.h"

namespace litetool {
namespace {

// The first look waits until the mount has settled.
constexpr std::chrono::seconds kInterval(60);

}  // namespace

void UpkeepThread::start() {
  thread_ = std::thread([this] { run(); });
}

void UpkeepThread::stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void UpkeepThread::run() {
  become_background_thread();
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kInterval, [this] { return stop_.load(); })) {
    lock.unlock();
    for (const auto& database : databases_()) {
      if (!stop_) look_at(database);
    }
    lock.lock();
  }
}

void UpkeepThread::look_at(const std::shared_ptr<Database>& database) {
  database->rest();
  const std::string path = database->path();
  if (!database->segment_in_use()) return;
  const Job job{context_.env, 1, &stop_};
  const CompactionPlace place{context_.history.dir, context_.history.folder_of(path),
                              [&]() -> std::optional<std::string> {
                                // A history that was renamed meanwhile is looked at next time.
                                if (database->path() != path) return std::nullopt;
                                return database->segment_in_use();
                              }};
  const auto done = compact_history(job, place, policy_);
  std::string& told = told_[path];
  if (done || done.error().code == Errc::kInterrupted) {
    told.clear();
    return;
  }
  const std::string failure = done.error().text();
  if (told != failure) {
    context_.warn(path + ": its history is not compacted: " + failure + " (tried again)");
  }
  told = failure;
}

}  // namespace litetool
