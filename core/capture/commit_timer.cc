#include "core/capture/commit_timer.h"

#include <algorithm>
#include <chrono>

#include "core/os/background.h"

namespace litetool {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kHotInterval{1};
constexpr milliseconds kUnwatchedInterval{100};
constexpr milliseconds kForEver{-1};
constexpr int kLooksBeforeRest = 100;
constexpr int kLooksAtRest = 600;  // a minute of them: longer than any disk takes to sync a log

}  // namespace

CommitTimer::CommitTimer(int dir, std::function<void(const std::string&)> warn)
    : dir_(dir), warn_(std::move(warn)) {}

CommitTimer::~CommitTimer() {
  stop();
}

Status CommitTimer::start() {
  LT_ASSIGN(files_, FileWatch::create());
  thread_ = std::thread([this] { run(); });
  return {};
}

void CommitTimer::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  if (!thread_.joinable()) return;
  files_->wake();
  thread_.join();
}

void CommitTimer::add(const std::shared_ptr<Database>& database) {
  if (database->on_timer.exchange(true)) return;
  {
    const std::lock_guard lock(mutex_);
    arriving_.push_back(database);
  }
  if (files_ != nullptr) files_->wake();
}

void CommitTimer::run() {
  become_urgent_thread();
  auto unwatched_at = std::chrono::steady_clock::now();
  while (take_arrivals()) {
    const bool any_hot = look_at_hot();
    const auto now = std::chrono::steady_clock::now();
    if (now - unwatched_at >= kUnwatchedInterval) {
      unwatched_at = now;
      look_at_unwatched();
      look_at_resting();
    }
    const bool all_idle = unwatched_.empty() && resting_.empty();
    const milliseconds quiet = all_idle ? kForEver : kUnwatchedInterval;
    for (const int watch : files_->wait(any_hot ? kHotInterval : quiet)) {
      const auto idle = idle_.find(watch);
      if (idle == idle_.end()) continue;
      hot_.push_back({std::move(idle->second)});
      idle_.erase(idle);
    }
  }
}

// False when it is time to end.
bool CommitTimer::take_arrivals() {
  const std::lock_guard lock(mutex_);
  for (auto& database : arriving_) hot_.push_back({std::move(database)});
  arriving_.clear();
  return !stopping_;
}

bool CommitTimer::look_at_hot() {
  std::vector<std::shared_ptr<Database>> quiet;
  std::erase_if(hot_, [&](Hot& hot) {
    hot.quiet_looks = hot.database->tick() ? 0 : hot.quiet_looks + 1;
    if (hot.quiet_looks < kLooksBeforeRest) return false;
    quiet.push_back(std::move(hot.database));
    return true;
  });
  for (const auto& database : quiet) rest(database);
  return !hot_.empty();
}

// From here on its log reports when it is written to.
void CommitTimer::rest(const std::shared_ptr<Database>& database) {
  const std::string file = database->watched_file();
  if (file.empty()) return leave(database);
  const Result<int> watch = files_->watch_once(dir_, file);
  const bool taken = watch && idle_.contains(*watch);  // another name of the same file
  if (!watch || taken) {
    if (!watch && watch.error().code != Errc::kNotFound) warn_once(watch.error());
    unwatched_.push_back(database);
    return;
  }
  if (database->tick()) {  // written to before the watch was there
    files_->forget(*watch);
    hot_.push_back({database});
    return;
  }
  idle_[*watch] = database;
  std::erase_if(resting_, [&](const Resting& r) { return r.database == database; });
  resting_.push_back({database, kLooksAtRest});
}

// It has no log: off the timer, unless one is being opened right now.
void CommitTimer::leave(const std::shared_ptr<Database>& database) {
  database->on_timer = false;
  if (!database->watched_file().empty()) add(database);
}

void CommitTimer::look_at_unwatched() {
  std::vector<std::shared_ptr<Database>> all = std::move(unwatched_);
  unwatched_.clear();
  for (const auto& database : all) {
    if (database->watched_file().empty()) {
      leave(database);
    } else if (database->tick()) {
      hot_.push_back({database});
    } else {
      unwatched_.push_back(database);
    }
  }
}

// What has failed is tried again for as long as it takes.
void CommitTimer::look_at_resting() {
  std::erase_if(resting_, [](Resting& resting) {
    (void)resting.database->tick();
    return --resting.looks_left <= 0 && !resting.database->is_behind();
  });
}

void CommitTimer::warn_once(const Error& error) {
  if (warned_) return;
  warned_ = true;
  warn_(
      "idle databases are looked at ten times a second, because the kernel watches no more "
      "files: " +
      error.text() + " (raise fs.inotify.max_user_watches)");
}

}  // namespace litetool
