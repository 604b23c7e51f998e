#include "core/capture/witness.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <random>

#include "core/history/layout.h"
#include "formats/sqlite/file_header.h"

namespace litetool {
namespace {

constexpr auto kHotInterval = std::chrono::milliseconds(2);
constexpr auto kIdleInterval = std::chrono::milliseconds(10);
constexpr int kMaxDepth = 64;

}  // namespace

Result<std::uint64_t> load_node_id(Env& env, int dir) {
  const std::string path = std::string(kHistoryFolder) + "/node";
  LT_TRY(env.make_dirs(dir, std::string(kHistoryFolder), 0700));
  LT_ASSIGN(const std::unique_ptr<File> file, env.open(dir, path, OpenMode::kCreate, 0600));
  std::array<char, 16> text{};
  LT_ASSIGN(const std::size_t n, file->read_at(std::as_writable_bytes(std::span(text)), 0));
  if (const auto id = parse_hex16({text.data(), n}); id && *id != 0) return *id;
  if (file->size() != 0) {
    return Error(Errc::kCorrupt, path + " is no node id (16 hex digits); remove it for a new one");
  }
  std::random_device random;
  const std::uint64_t id = (std::uint64_t{random()} << 32 | random()) | 1;
  const std::string line = hex16(id) + "\n";
  LT_TRY(file->append({as_bytes(line)}));
  LT_TRY(file->sync());
  return id;
}

Witness::Witness(CaptureContext context) : context_(std::move(context)) {}

Witness::~Witness() {
  {
    const std::lock_guard lock(timer_mutex_);
    stopping_ = true;
  }
  timer_wake_.notify_all();
  if (timer_.joinable()) timer_.join();
}

bool Witness::must_see_writes(FileRole role, Bytes first) {
  if (role != FileRole::kDatabase || !is_database(first)) return false;
  const Result<FileHeader> header = decode_file_header(first);
  return !header || !header->wal();
}

Status Witness::start() {
  find_databases("", 0);
  end_removed_histories();
  timer_ = std::thread([this] { run_timer(); });
  return {};
}

void Witness::bring_up(const std::string& path) {
  const std::shared_ptr<Database> database = database_of(path);
  if (const Status loaded = database->load(); !loaded) {
    context_.warn(path + ": " + loaded.error().text() + " (it is served, and tried again later)");
  }
}

// A directory that cannot be read has no databases that we could capture.
void Witness::find_databases(const std::string& folder, int depth) {
  const auto names = context_.env.list(context_.dir, folder.empty() ? "." : folder);
  if (!names || depth > kMaxDepth) return;
  for (const std::string& name : *names) {
    if (folder.empty() && name == kHistoryFolder) continue;
    const std::string path = folder.empty() ? name : folder + "/" + name;
    const auto st = context_.env.lstat(context_.dir, path);
    if (!st) continue;
    if (S_ISDIR(st->st_mode)) find_databases(path, depth + 1);
    if (!S_ISREG(st->st_mode) || classify_file(name).role != FileRole::kDatabase) continue;
    const auto file = context_.env.open(context_.dir, path, OpenMode::kRead);
    if (!file) continue;
    std::array<std::byte, kFileMagicSize> magic{};
    const auto n = (*file)->read_at(magic, 0);
    const bool empty_with_wal = n && *n == 0 && context_.env.stat(context_.dir, path + "-wal").ok();
    if (empty_with_wal || (n && is_database(Bytes(magic).first(*n)))) bring_up(path);
  }
}

// Histories whose file has gone while nothing was mounted end with a drop.
void Witness::end_removed_histories() {
  const auto folders = context_.env.list(context_.dir, std::string(kHistoryFolder) + "/db");
  if (!folders) return;
  for (const std::string& folder : *folders) {
    const auto path = unescape_path(folder);
    if (path && find(*path) == nullptr) bring_up(*path);
  }
}

std::shared_ptr<Database> Witness::database_of(const std::string& path) {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<Database>& database = databases_[path];
  if (database == nullptr) {
    database = std::make_shared<Database>(context_, path);
    const std::shared_ptr<Database> made = database;
    if (databases_.size() >= prune_at_) prune();
    return made;
  }
  return database;
}

std::shared_ptr<Database> Witness::find(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto it = databases_.find(path);
  return it == databases_.end() ? nullptr : it->second;
}

std::size_t Witness::databases_with_history() {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(std::ranges::count_if(
      databases_, [](const auto& entry) { return entry.second->has_history(); }));
}

std::vector<DatabaseStatus> Witness::status() {
  std::vector<DatabaseStatus> all;
  for (const auto& database : snapshot()) {
    database->catch_up();
    DatabaseStatus status = database->status();
    const bool never_one = status.page_size == 0 && status.journal_mode.empty();
    if (!never_one) all.push_back(std::move(status));
  }
  return all;
}

std::vector<std::shared_ptr<Database>> Witness::snapshot() {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Database>> all;
  for (const auto& [path, database] : databases_) all.push_back(database);
  return all;
}

// Files that turned out to be no databases, and that nobody has open.
void Witness::prune() {
  std::erase_if(databases_, [](const auto& entry) {
    return entry.second.use_count() == 1 && !entry.second->has_history();
  });
  prune_at_ = std::max<std::size_t>(1024, databases_.size() * 2);
}

void Witness::renamed(const std::string& from, const std::string& to, bool exchanged) {
  std::vector<std::pair<std::string, std::shared_ptr<Database>>> moved;
  std::shared_ptr<Database> replaced;
  {
    const std::lock_guard lock(mutex_);
    const auto target = databases_.find(to);
    if (target != databases_.end()) replaced = target->second;
    const auto source = databases_.find(from);
    if (replaced == nullptr && source != databases_.end()) moved.emplace_back(to, source->second);
    const std::string below = from + "/";
    for (auto it = databases_.lower_bound(below);
         it != databases_.end() && it->first.starts_with(below); ++it) {
      moved.emplace_back(to + "/" + it->first.substr(below.size()), it->second);
    }
  }
  if (replaced != nullptr && replaced->has_history()) {
    replaced->replaced();
    const std::shared_ptr<Database> source = find(from);
    if (source != nullptr) exchanged ? source->replaced() : source->dropped();
    return;
  }
  if (const std::shared_ptr<Database> source = find(from);
      replaced != nullptr && source != nullptr) {
    moved.emplace_back(to, source);
  }
  for (const auto& [path, database] : moved) {
    if (const Status done = database->moved_to(path); !done) {
      context_.warn(path + ": its history stays under the old name: " + done.error().text());
    }
    const std::lock_guard lock(mutex_);
    std::erase_if(databases_, [&](const auto& entry) { return entry.second == database; });
    databases_[path] = database;
  }
}

void Witness::watch(const std::shared_ptr<Database>& database) {
  if (database->on_timer.exchange(true)) return;
  {
    const std::lock_guard lock(timer_mutex_);
    watched_.push_back(database);
  }
  timer_wake_.notify_one();
}

// One look at each watched database; true when one of them has moved.
bool Witness::look_at_all() {
  std::vector<std::shared_ptr<Database>> all;
  {
    const std::lock_guard lock(timer_mutex_);
    all = watched_;
  }
  bool moved = false;
  for (const auto& database : all) moved = database->tick() || moved;
  return moved;
}

void Witness::run_timer() {
  constexpr int kLooksBeforeLeaving = 100;  // a journal comes back with the next transaction
  int quiet_looks = 0;
  std::unique_lock lock(timer_mutex_);
  while (!stopping_) {
    if (watched_.empty()) {
      timer_wake_.wait(lock, [this] { return stopping_ || !watched_.empty(); });
      continue;
    }
    lock.unlock();
    const bool moved = look_at_all();
    lock.lock();
    quiet_looks = moved ? 0 : quiet_looks + 1;
    if (quiet_looks >= kLooksBeforeLeaving) {
      quiet_looks = 0;
      std::erase_if(watched_, [](const std::shared_ptr<Database>& database) {
        if (database->watched()) return false;
        database->on_timer = false;
        return true;
      });
    }
    timer_wake_.wait_for(lock, moved ? kHotInterval : kIdleInterval, [this] { return stopping_; });
  }
}

void Witness::stop(bool quiet) {
  {
    const std::lock_guard lock(timer_mutex_);
    stopping_ = true;
  }
  timer_wake_.notify_all();
  if (timer_.joinable()) timer_.join();
  for (const auto& database : snapshot()) {
    if (!database->has_history()) continue;
    if (const Status stopped = database->stop(quiet); !stopped) {
      context_.warn(database->path() + ": " + stopped.error().text() +
                    " (the next start compares its pages with the history)");
    }
  }
}

}  // namespace litetool
