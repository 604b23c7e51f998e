#include "core/capture/upkeep_thread.h"

#include <malloc.h>
#include <time.h>

#include "core/history/layout.h"
#include "core/os/background.h"

namespace litetool {
namespace {

// The first look waits until the mount has settled.
constexpr std::chrono::seconds kInterval(60);
// A look that finds nothing to do takes no more than this part of a processor.
constexpr int kRestPerLook = 500;
constexpr std::chrono::milliseconds kLongLook(100);

// Of this thread, which at its priority may wait for long.
std::chrono::nanoseconds cpu_time() {
  timespec time{};
  (void)::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

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
  const auto begun = std::chrono::steady_clock::now();
  Looked& looked = looked_[path];
  if (begun < looked.next) return;
  const std::chrono::nanoseconds cpu_before = cpu_time();
  const auto done = compact(database, path);
  const std::chrono::nanoseconds took = cpu_time() - cpu_before;
  if (done && done->new_base.value != 0) database->forget_marks_before(done->new_base);
  const bool did_something = done && done->files_written + done->files_removed != 0;
  looked.next = did_something ? begun : begun + kRestPerLook * took;
  // glibc would keep what this thread needed for a long list.
  if (took > kLongLook) (void)::malloc_trim(0);
  const bool failed = !done && done.error().code != Errc::kInterrupted;
  const std::string failure = failed ? done.error().text() : "";
  if (failed && looked.told != failure) {
    context_.warn(path + ": its history is not compacted: " + failure + " (tried again)");
  }
  looked.told = failure;
}

Result<CompactionReport> UpkeepThread::compact(const std::shared_ptr<Database>& database,
                                               const std::string& path) {
  const Job job{context_.env, 1, &stop_};
  const CompactionPlace place{context_.history.dir, context_.history.folder_of(path),
                              [&]() -> std::optional<std::string> {
                                // A history that was renamed meanwhile is looked at next time.
                                if (database->path() != path) return std::nullopt;
                                return database->segment_in_use();
                              }};
  return compact_history(job, place, policy_);
}

}  // namespace litetool
