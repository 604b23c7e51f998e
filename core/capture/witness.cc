#include "core/capture/witness.h"

#include <algorithm>
#include <array>

#include "core/capture/find_databases.h"
#include "core/history/layout.h"
#include "core/history/rename_note.h"
#include "core/os/atomic_file.h"
#include "formats/sqlite/file_header.h"

namespace litetool {
namespace {

constexpr auto kRetryInterval = std::chrono::seconds(5);
constexpr auto kPatience = std::chrono::seconds(5);

}  // namespace

Witness::Witness(CaptureContext context)
    : context_(std::move(context)), timer_(context_.dir, context_.warn) {
  context_.stop = &interrupted_;
}

Witness::~Witness() {
  stop_threads(std::chrono::milliseconds(0));
}

bool Witness::must_see_writes(FileRole role, Bytes first) {
  if (role != FileRole::kDatabase || !is_database(first)) return false;
  const Result<FileHeader> header = decode_file_header(first);
  return !header || !header->wal();
}

Status Witness::start() {
  if (const Status done = finish_noted_rename(context_.env, context_.dir, context_.history);
      !done) {
    context_.warn(
        "what was renamed when litetool was killed may have its history under the old "
        "name: " +
        done.error().text());
  }
  LT_TRY(timer_.start());
  progress_ = Progress::kFinding;
  loader_ = std::thread([this] { run_loader(); });
  return {};
}

bool Witness::wait_loaded(std::chrono::milliseconds most) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, most, [this] { return progress_ == Progress::kDone; });
}

void Witness::run_loader() {
  load_all();
  std::unique_lock lock(mutex_);
  progress_ = Progress::kDone;
  changed_.notify_all();
  while (!changed_.wait_for(lock, kRetryInterval, [this] { return stopping_; })) {
    lock.unlock();
    retry_failed();
    lock.lock();
  }
}

// Those that go on from a clean stop first: one that has to be read as a whole takes its time.
void Witness::load_all() {
  find_all();
  std::vector<std::shared_ptr<Database>> slow;
  for (const auto& database : databases()) {
    if (interrupted_) return;
    const Result<bool> done = database->load_quickly();
    if (!done || !*done) slow.push_back(database);
  }
  for (const auto& database : slow) {
    if (!interrupted_) load(database);
  }
}

// Files that begin as databases do, and histories whose file has gone while nothing was mounted.
void Witness::find_all() {
  find_databases(context_.env, context_.dir, interrupted_,
                 [this](const std::string& path) { (void)database_of(path); });
  const auto folders = context_.env.list(context_.history.dir, context_.history.folder + "/db");
  for (const std::string& folder : folders ? *folders : std::vector<std::string>()) {
    if (const auto path = unescape_path(folder)) (void)database_of(*path);
  }
  const std::lock_guard lock(mutex_);
  progress_ = Progress::kLoading;
  changed_.notify_all();
}

void Witness::load(const std::shared_ptr<Database>& database) {
  const Status loaded = database->load();
  if (loaded || interrupted_) return;
  context_.warn(database->path() + ": " + loaded.error().text() +
                " (it is served and not captured; tried again later)");
}

void Witness::retry_failed() {
  for (const auto& database : databases()) {
    if (database->wants_load()) load(database);
  }
}

std::shared_ptr<Database> Witness::database_of(const std::string& path) {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<Database>& database = databases_[path];
  if (database == nullptr) {
    database = std::make_shared<Database>(context_, path);
    const std::shared_ptr<Database> made = database;
    if (databases_.size() >= prune_at_ && progress_ == Progress::kDone) prune();
    return made;
  }
  return database;
}

std::shared_ptr<Database> Witness::database_to_open(const std::string& path) {
  return target_of_unfinished(path) ? find(path) : database_of(path);
}

std::shared_ptr<Database> Witness::find(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto it = databases_.find(path);
  return it == databases_.end() ? nullptr : it->second;
}

// Not with the lock held: a database that captures would hold everybody up.
std::size_t Witness::databases_with_history() {
  const std::vector<std::shared_ptr<Database>> all = databases();
  return static_cast<std::size_t>(
      std::ranges::count_if(all, [](const auto& database) { return database->has_history(); }));
}

std::vector<DatabaseStatus> Witness::status() {
  std::vector<DatabaseStatus> all;
  for (const auto& database : databases()) {
    database->catch_up();
    DatabaseStatus status = database->status();
    const bool never_one = status.page_size == 0 && status.journal_mode.empty();
    if (!never_one) all.push_back(std::move(status));
  }
  return all;
}

std::vector<std::shared_ptr<Database>> Witness::databases() {
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

int Witness::rename(const std::string& from, const std::string& to, bool exchange,
                    const std::function<int()>& rename) {
  {
    // A database that is not known yet would lose its history.
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return progress_ != Progress::kFinding; });
  }
  const Moves sources = moves_of(from, to, exchange);
  for (const auto& [path, database] : sources) {
    database->before_name_goes();
    if (const auto there = find(path)) there->before_name_goes();
  }
  if (const auto target = sources.empty() ? find(to) : nullptr) target->before_name_goes();
  std::unique_lock one_at_a_time(renaming_, std::defer_lock);
  bool noted = false;
  const bool histories_follow = std::ranges::any_of(sources, [&](const auto& move) {
    const std::string folder = context_.history.folder_of(move.second->path());
    return context_.env.stat(context_.history.dir, folder).ok();
  });
  if (histories_follow && !exchange) {
    one_at_a_time.lock();
    const Status written = note_rename(from, to, sources);
    noted = written.ok();
    if (!noted) {
      context_.warn(from + ": " + written.error().text() +
                    " (its history would not follow if litetool were killed now)");
    }
  }
  const int err = rename();
  const bool moved = err == 0 && renamed(from, to, exchange) && histories_follow;
  const Status safe = moved ? sync_moved_histories(context_.env, context_.history) : Status();
  if (noted && safe) (void)remove_rename_note(context_.env, context_.history);
  if (!noted && !safe) {
    context_.warn(from + ": " + safe.error().text() +
                  " (its history would have the old name after a power cut)");
  }
  return err;
}

// The databases that get other names, and these names. Where two change places, each history stays
// with its name, and only one of their moves is there; a history that has no counterpart moves.
Witness::Moves Witness::moves_of(const std::string& from, const std::string& to, bool exchange) {
  Moves moves = databases_at(from, to);
  if (!exchange) return moves;
  const auto takes_over = [this](const Moves::value_type& move) {
    const std::shared_ptr<Database> there = find(move.first);
    return there == nullptr || (move.second->owns_history() && !there->owns_history());
  };
  Moves back = databases_at(to, from);
  std::erase_if(back, [&](const auto& move) { return !takes_over(move); });
  std::erase_if(moves, [&](const auto& move) {
    return std::ranges::any_of(
        back, [&](const auto& other) { return other.first == move.second->path(); });
  });
  std::ranges::move(back, std::back_inserter(moves));
  return moves;
}

// What has the name `from`, and everything below it.
Witness::Moves Witness::databases_at(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  Moves moves;
  if (const auto it = databases_.find(from); it != databases_.end()) {
    moves.emplace_back(to, it->second);
  }
  const std::string below = from + "/";
  for (auto it = databases_.lower_bound(below);
       it != databases_.end() && it->first.starts_with(below); ++it) {
    moves.emplace_back(to + "/" + it->first.substr(below.size()), it->second);
  }
  return moves;
}

Status Witness::note_rename(const std::string& from, const std::string& to, const Moves& moves) {
  RenameNote note;
  LT_ASSIGN(const struct stat st, context_.env.lstat(context_.dir, from));
  note.inode = st.st_ino;
  note.names.push_back({from, to});
  for (const auto& [path, database] : moves) {
    if (path != to) note.names.push_back({database->path(), path});
  }
  return write_rename_note(context_.env, context_.history, note);
}

// It is done: the databases learn of it. True when histories have other names now.
bool Witness::renamed(const std::string& from, const std::string& to, bool exchanged) {
  if (const FileName file = classify_file(from); file.role == FileRole::kWal) {
    if (const auto database = find(std::string(file.database))) database->log_taken_away();
  }
  const bool by_unknown = !exchanged && find(from) == nullptr;
  const bool finished = by_unknown && target_of_unfinished(from);
  const std::shared_ptr<Database> replaced = finished ? database_of(to) : find(to);
  if (finished || (by_unknown && replaced != nullptr && replaced->owns_history())) {
    replaced->replaced();
  }
  bool moved = false;
  for (const auto& [path, database] : moves_of(from, to, exchanged)) {
    moved = take_along(database, path, exchanged) || moved;
  }
  return moved;
}

// A database has got that name, and its history follows: true. One that is there already goes on
// instead, and so does a new one where the history cannot follow: two writers must never share one.
bool Witness::take_along(const std::shared_ptr<Database>& database, const std::string& path,
                         bool exchanged) {
  const std::shared_ptr<Database> there = find(path);
  const bool is_taken = there != nullptr && there->owns_history();
  const Status moved = is_taken ? Status() : database->moved_to(path);
  if (!moved) {
    context_.warn(path + ": its history could not follow from " + database->path() + ": " +
                  moved.error().text() + " (it ends there)");
  }
  if (is_taken || !moved) {
    database_of(path)->replaced();
    exchanged ? database->replaced() : database->dropped();
    return false;
  }
  if (there != nullptr) there->retire();
  const std::lock_guard lock(mutex_);
  std::erase_if(databases_, [&](const auto& entry) { return entry.second == database; });
  databases_[path] = database;
  return true;
}

void Witness::stop_threads(std::chrono::milliseconds patience) {
  timer_.stop();
  if (!loader_.joinable()) return;
  if (!wait_loaded(patience)) interrupted_ = true;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  loader_.join();
}

void Witness::stop(bool quiet) {
  // A load that is nearly done is worth more than one that begins anew at the next start.
  stop_threads(kPatience);
  for (const auto& database : databases()) {
    if (!database->has_history()) continue;
    if (const Status stopped = database->stop(quiet); !stopped) {
      context_.warn(database->path() + ": " + stopped.error().text() +
                    " (the next start compares its pages with the history)");
    }
  }
}

}  // namespace litetool
