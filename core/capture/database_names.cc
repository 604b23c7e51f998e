// A database whose files get other names: its history follows, ends, or goes on with another file.
#include "core/capture/database.h"
#include "core/history/rename_note.h"

namespace litetool {

// A log tells of all of them by itself.
void Database::written_elsewhere(FileRole role) {
  const std::lock_guard lock(mutex_);
  if (role != FileRole::kDatabase || in_wal_mode() || log_lies_there()) return;
  if (must_compare_.empty()) must_compare_ = "its file got this name while it was open";
}

void Database::log_taken_away() {
  after_remove(FileRole::kWal, true);
}

void Database::before_name_goes() {
  const std::lock_guard lock(mutex_);
  if (loading_) ensure_loaded();
  if (!loaded_) return;
  attempt([&] { return finish(Durability::kSynced); });
}

Status Database::moved_to(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (loading_) ensure_loaded();
  LT_TRY(move_history(context_.env, context_.history, path_, path));
  path_ = path;
  wal_.moved_to(path);
  journal_.moved_to(path);
  settle();
  if (history_) history_->moved_to(context_.history.folder_of(path));
  // A load may have looked for the file just while it had no name that we knew.
  if (!history_ || history_->commit() == 0) {
    history_.reset();
    loaded_ = false;
    ensure_loaded();
  }
  return {};
}

void Database::retire() {
  const std::lock_guard lock(mutex_);
  if (loading_) ensure_loaded();
  is_retired_ = true;
  history_.reset();
  loaded_ = false;
}

void Database::replaced() {
  const std::lock_guard lock(mutex_);
  if (loading_) ensure_loaded();
  must_compare_ = "another file took its place";
  wal_.moved_to(path_);
  attempt([&] { return capture_pages(must_compare_); });
  settle();
}

void Database::dropped() {
  const std::lock_guard lock(mutex_);
  attempt([&] { return emit_drop(""); });
}

}  // namespace litetool
