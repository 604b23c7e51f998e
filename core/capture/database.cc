#include "core/capture/database.h"

#include <algorithm>
#include <utility>

#include "core/history/marks.h"
#include "core/os/posix_locks.h"

namespace litetool {
namespace {

// After a failure (a full disk, mostly) the clients go on undisturbed for a while.
constexpr std::int64_t kPauseMs = 2000;
constexpr int kMostDoublings = 3;
// In FULL mode every commit syncs the WAL; the timer captures those. At a checkpoint more has piled
// up.
constexpr std::uint32_t kBacklogWorthTheWait = 64;

}  // namespace

Database::Database(const CaptureContext& context, std::string path)
    : context_(context),
      path_(std::move(path)),
      wal_(context.env, context.dir, path_, context.most_pages),
      journal_(context.env, context.dir, path_) {}

// Runs one capture for an event. Whatever fails is reported here, once, and made up for later.
void Database::attempt(const std::function<Status()>& capture) {
  if (is_retired_ || is_gone()) return;
  const std::int64_t now = context_.env.now_ms();
  if (now < paused_until_ms_) return;
  Status done = load_locked();
  if (done) done = capture();
  if (done) {
    paused_until_ms_ = 0;
    behind_since_ms_ = 0;
    failures_ = 0;
    return;
  }
  not_captured(done.error());
}

void Database::not_captured(const Error& error) {
  hindered(error);
  context_.warn(path_ + ": not captured: " + last_error_ +
                " (the next capture compares all pages)");
}

// Clients go on undisturbed for a while, the longer the more often it fails.
void Database::hindered(const Error& error) {
  const std::int64_t now = context_.env.now_ms();
  last_error_ = error.text();
  must_compare_ = "capture had failed: " + last_error_;
  if (behind_since_ms_ == 0) behind_since_ms_ = now;
  paused_until_ms_ = now + (kPauseMs << failures_);
  failures_ = std::min(failures_ + 1, kMostDoublings);
}

Result<CommittedView> Database::open_view(CommittedView::Read read,
                                          std::optional<WalState> published) const {
  LT_ASSIGN(CommittedView view,
            CommittedView::open(context_.env, context_.dir, path_, read, published));
  LT_TRY(check_size(view.commit(), context_.most_pages));
  LT_TRY(check_absent(view.commit(), view.pages_there()));
  return view;
}

// Before something changes that a load has to read first. What cannot be loaded is left alone.
void Database::ensure_loaded() {
  if (!loaded_) attempt([] { return Status(); });
}

Database::Durability Database::wanted_durability() const {
  return client_synced_ ? Durability::kSynced : Durability::kWritten;
}

std::uint32_t Database::page_size_or_least() const {
  const std::uint32_t known = history_ ? history_->page_size() : 0;
  return known != 0 ? known : kMinPageSize;
}

void Database::settle() {
  const auto fingerprint = fingerprint_of(context_.env, context_.dir, path_);
  if (fingerprint) settled_ = *fingerprint;
}

std::string Database::path() {
  const std::lock_guard lock(mutex_);
  return path_;
}

bool Database::has_history() {
  const std::lock_guard lock(mutex_);
  return !loading_ && history_ && !history_->empty();
}

bool Database::owns_history() {
  const std::lock_guard lock(mutex_);
  if (history_ && !loading_) return !history_->empty();
  return context_.env.stat(context_.history.dir, context_.history.folder_of(path_)).ok();
}

Pos Database::position() {
  const std::lock_guard lock(mutex_);
  return history_ && !loading_ ? history_->pos() : Pos{};
}

void Database::opened(FileRole role, std::uint64_t inode, bool sees_writes) {
  const std::lock_guard lock(mutex_);
  if (role == FileRole::kJournal && loaded_ && !journal_open() && !dirty_.empty()) {
    attempt([&] { return capture_unjournalled(); });
  }
  open_inodes(role).push_back(inode);
  if (role == FileRole::kDatabase) sees_writes_ = sees_writes;
  if (role == FileRole::kShm) {
    final_log_.reset();
    wal_.read_index_with(sees_writes ? context_.read_shared : ReadShared());
  }
}

void Database::closed(FileRole role, std::uint64_t inode) {
  const std::lock_guard lock(mutex_);
  // One of them: the file may have been opened again before this was told.
  auto& inodes = open_inodes(role);
  const auto found = std::ranges::find(inodes, inode);
  if (found == inodes.end()) return;
  inodes.erase(found);
  if (role == FileRole::kJournal) {
    journal_.forget();
    journal_.transaction_over();
  }
  if (is_open(role) || loading_) return;
  if (role == FileRole::kWal) wal_.forget_wal();
  if (role == FileRole::kShm) wal_.forget_shm();
}

// A transaction begins, and pages were written before it without a journal: by a copy whose close
// we have not heard of yet, or by a commit that told nobody.
Status Database::capture_unjournalled() {
  LT_ASSIGN(const bool hot, journal_is_hot(context_.env, context_.dir, path_));
  return hot ? Status() : capture_written();
}

void Database::before_last_writer_leaves(FileRole role) {
  if (role != FileRole::kDatabase) return;
  const std::lock_guard lock(mutex_);
  if (in_wal_mode()) {
    attempt([&] { return capture_wal(); });
    return;
  }
  attempt([&]() -> Status {
    const bool written = sees_writes_ ? !dirty_.empty() : changed_unseen();
    if (!written && must_compare_.empty()) return {};
    LT_ASSIGN(const bool hot, journal_is_hot(context_.env, context_.dir, path_));
    if (hot) return {};  // the next client plays it back, and then there is something to capture
    if (sees_writes_) return capture_written();
    LT_TRY(capture_pages("written without an event that tells a commit"));
    settle();
    return {};
  });
}

void Database::before_sync(FileRole role) {
  std::unique_lock lock(mutex_, std::defer_lock);
  // Mostly a commit, and then whoever has the lock is capturing the few before it.
  if (role == FileRole::kWal && !loading_ && !comparing_ &&
      wal_.frames_at_work() < kBacklogWorthTheWait) {
    if (!lock.try_lock()) return;
  } else {
    lock.lock();
  }
  client_synced_ = true;
  if (loading_) {
    // The first sync of a checkpoint: it must not write to the file while that is read. The sync of
    // a commit need not wait; what it makes durable is captured when the load is done.
    if (role == FileRole::kWal && !may_copy_log()) return;
    ensure_loaded();
  }
  switch (role) {
    case FileRole::kWal:
      if (wal_.backlog(shared_index()) >= kBacklogWorthTheWait) {
        attempt([&] { return capture_wal(); });
      }
      break;
    case FileRole::kJournal:
      if (journal_.is_zeroed()) {
        attempt([&] { return capture_rollback(); });
      } else {
        // Of the next transaction, which has written no page yet: what was written before is a
        // commit that told nobody.
        if (!dirty_.empty() && !journal_.was_synced() && journal_.has_moved_on()) {
          attempt([&] { return capture_rollback(); });
        }
        journal_.note_synced();
      }
      break;
    case FileRole::kDatabase:
      if (in_wal_mode()) {
        // The end of a checkpoint: after this the frames may be discarded.
        attempt([&] { return capture_wal(); });
        sync_ahead(lock);
        attempt([&]() -> Status {
          LT_TRY(capture_wal());
          return finish(Durability::kSynced);
        });
        dirty_.clear();
        settle();
      } else if (!journal_open() || journal_.is_unused()) {
        commits_without_journal_ = true;  // journal_mode MEMORY or OFF
        attempt([&] { return capture_written(); });
      } else {
        attempt([&] { return prepare_early(); });
      }
      break;
    case FileRole::kShm:
      break;
  }
}

// A checkpoint waits for the disk; those who commit, and who ask for the position, need not. Once
// more under the lock, the sync has little to do.
void Database::sync_ahead(std::unique_lock<PoliteMutex>& lock) {
  if (!loaded_ || !history_) return;
  const Result<SegmentWriter::Ahead> ahead = history_->begin_sync();
  Status done = ahead ? Status() : ahead.error();
  if (done && ahead->file != nullptr) {
    lock.unlock();
    done = ahead->file->sync();
    lock.lock();
  }
  // A load that has begun meanwhile has the history for itself.
  if (!done) {
    if (!loading_) (void)reopen_after(done);
    not_captured(done.error());
  } else if (!loading_ && history_) {
    history_->synced(*ahead);
  }
}

// Whether somebody may be copying the log into the file: SQLite has a byte of the wal-index locked
// then, or the file where it is alone with it. Whom we cannot see we do not stop; then the load
// sees that the file has changed, and begins again.
bool Database::may_copy_log() const {
  constexpr std::uint64_t kCheckpointByte = 121;
  const auto index = context_.env.stat(context_.dir, path_ + "-shm");
  const auto file = context_.env.stat(context_.dir, path_);
  return !index || !file || is_write_locked(index->st_ino, kCheckpointByte, kCheckpointByte) ||
         is_write_locked(file->st_ino, kLockByte + 2, kLockByte + 511);
}

void Database::sync_failed() {
  const std::lock_guard lock(mutex_);
  if (!loaded_ || !history_) return;
  attempt([&] { return reopen_after(history_->end_redo_log()); });
}

void Database::before_resize(FileRole role, std::uint64_t size) {
  const std::lock_guard lock(mutex_);
  if (role != FileRole::kShm) ensure_loaded();
  switch (role) {
    case FileRole::kWal:
      attempt([&] { return end_generation(Durability::kSynced); });
      break;
    case FileRole::kJournal:
      if (size == 0) attempt([&] { return prepare_commit(); });
      break;
    case FileRole::kDatabase:
      if (in_wal_mode()) {
        // Comes in every synchronous mode before the log may be restarted.
        attempt([&] { return end_generation(Durability::kWritten); });
        copied_ = wal_.state();
        dirty_.clear();
      } else {
        take_back_prepared();
        if (!sees_writes_ && size == 0) must_compare_ = "the file was rewritten";
        if (sees_writes_) {
          if (dirty_.empty()) journal_.learn_nonce();
          dirty_.resized(size, page_size_or_least());
        }
      }
      break;
    case FileRole::kShm:
      // Only the first client that opens it cuts it, and builds it anew.
      index_rebuilt_ = true;
      break;
  }
}

void Database::after_resize(FileRole role, std::uint64_t size) {
  const std::lock_guard lock(mutex_);
  if (role == FileRole::kDatabase && in_wal_mode()) settle();
  if (role == FileRole::kWal && is_log_needed(size)) attempt([&] { return capture_without_log(); });
  if (role == FileRole::kJournal && size == 0) attempt([&] { return confirm_commit(); });
}

void Database::before_remove(FileRole role) {
  const std::lock_guard lock(mutex_);
  switch (role) {
    case FileRole::kJournal:
      attempt([&] { return prepare_commit(); });
      journal_.forget();
      break;
    case FileRole::kShm:
      attempt([&]() -> Status {
        LT_TRY(capture_wal());
        if (!shared_index()) return {};
        LT_ASSIGN(final_log_, fingerprint_of(context_.env, context_.dir, path_ + "-wal"));
        return {};
      });
      break;
    case FileRole::kWal:
      attempt([&] { return end_generation(Durability::kSynced); });
      break;
    case FileRole::kDatabase:
      ensure_loaded();
      attempt([&]() -> Status {
        if (in_wal_mode()) LT_TRY(capture_wal());
        return finish(Durability::kSynced);
      });
      break;
  }
}

void Database::after_remove(FileRole role, bool removed) {
  if (!removed) return;
  const std::lock_guard lock(mutex_);
  open_inodes(role).clear();
  if (role == FileRole::kShm) {
    index_rebuilt_ = false;
    if (!loading_) wal_.forget_shm();
  } else if (role == FileRole::kWal) {
    final_log_.reset();
    if (!loading_) wal_.forget_wal();
    if (is_log_needed(0)) attempt([&] { return capture_without_log(); });
  } else if (role == FileRole::kJournal) {
    attempt([&] { return confirm_commit(); });
  } else if (role == FileRole::kDatabase) {
    const WalState end = wal_.state();
    attempt([&] { return emit_drop(""); });
    dirty_.clear();
    must_compare_.clear();
    // What stands in its log, and what those who have it open still commit, was never in a database
    // of that name.
    if (!loading_) wal_.resume(end);
    is_removed_ = true;
  }
}

// The file was removed, and there is no other of its name yet.
bool Database::is_gone() {
  if (is_removed_ && context_.env.stat(context_.dir, path_)) is_removed_ = false;
  return is_removed_;
}

// Whether a log cut to `size` bytes has lost commits that are nowhere else. SQLite copies all of it
// into the file before, and cuts that then, in every mode.
bool Database::is_log_needed(std::uint64_t size) const {
  if (loading_ || !history_ || history_->empty()) return false;
  const WalState& end = wal_.state();
  const std::uint64_t needed =
      kWalHeaderSize + std::uint64_t{end.frame} * (kWalFrameHeaderSize + history_->page_size());
  return end.frame != 0 && end != copied_ && size < needed;
}

void Database::before_write(FileRole role) {
  if (role != FileRole::kDatabase) return;
  const std::lock_guard lock(mutex_);
  ensure_loaded();
  // PERSIST without syncs: the commit shows only in the journal's header.
  if (!dirty_.empty() && !journal_.was_synced() && journal_open() && journal_.has_moved_on()) {
    attempt([&] { return capture_rollback(); });
  }
  take_back_prepared();
}

// The database is written to: the transaction is not what was prepared, or is rolled back.
void Database::take_back_prepared() {
  if (loading_ || !history_ || !history_->prepared()) return;
  attempt([&] { return reopen_after(history_->discard()); });
}

ByteRange Database::after_write(FileRole role, std::uint64_t offset, std::uint64_t size,
                                Bytes content) {
  if (role != FileRole::kDatabase || size == 0) return {};
  const std::lock_guard lock(mutex_);
  if (loading_) ensure_loaded();  // begun since before_write()
  if (dirty_.empty()) journal_.learn_nonce();
  note_written(offset, size, content);
  // Whose journal was synced is going to sync the file too.
  return journal_.was_synced() ? run_.written(offset, size) : ByteRange();
}

void Database::note_written(std::uint64_t offset, std::uint64_t size, Bytes content) {
  const std::uint32_t page_size = page_size_or_least();
  if (!history_ || history_->empty()) {
    dirty_.resized(0, page_size);  // its first image will have them all
    return;
  }
  constexpr std::uint64_t kMostByNumber = 1 << 20;  // 12 bytes of memory each
  if (size / page_size > kMostByNumber) {
    dirty_.resized(offset, page_size);
    return;
  }
  const std::uint64_t last =
      std::min<std::uint64_t>((offset + size - 1) / page_size + 1, DirtyPages::kLast);
  for (std::uint64_t pgno = offset / page_size + 1; pgno <= last; ++pgno) {
    const std::uint64_t begin = (pgno - 1) * page_size;
    const bool whole = offset <= begin && begin + page_size <= offset + content.size();
    const auto page = static_cast<Pgno>(pgno);
    if (in_wal_mode()) {
      dirty_.copied(page);
      continue;
    }
    // Known here, it need not be read again when the transaction ends.
    dirty_.written(
        page, whole ? page_checksum(page, content.subspan(begin - offset, page_size)) : Checksum{});
  }
}

// The file is not what it was when it last agreed with the history, and nobody said so.
bool Database::changed_unseen() {
  if (sees_writes_) return false;
  const auto now = fingerprint_of(context_.env, context_.dir, path_);
  return now && *now != settled_;
}

std::string Database::watched_file() {
  const std::lock_guard lock(mutex_);
  if (in_wal_mode()) return path_ + "-wal";
  return journal_open() ? path_ + "-journal" : "";
}

bool Database::tick() {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  return !lock || look();
}

bool Database::is_behind() {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  return !lock || (behind_since_ms_ != 0 && !is_retired_);
}

void Database::catch_up() {
  const std::lock_guard lock(mutex_);
  (void)look();
}

void Database::rest() {
  const std::lock_guard lock(mutex_);
  if (!loaded_ || !history_) return;
  attempt([&] { return reopen_after(history_->rest()); });
}

// They do no harm when that fails.
void Database::forget_marks_before(Txid first) {
  const std::lock_guard lock(mutex_);
  if (loading_ || !history_) return;
  (void)litetool::forget_marks_before(context_.env, context_.history.dir, history_->folder(),
                                      first);
}

// Captures what has been committed without an event; true when there was something. Lock held.
bool Database::look() {
  if (!loaded_) return false;
  const Pos before = history_ ? history_->pos() : Pos{};
  if (in_wal_mode()) {
    attempt([&] { return capture_wal(); });
  } else if (!dirty_.empty() && journal_open() && journal_.has_moved_on()) {
    attempt([&] { return capture_rollback(); });
  }
  return history_ && history_->pos() != before;
}

Status Database::stop(bool quiet) {
  const std::lock_guard lock(mutex_);
  // What has failed is tried once more; what has only not been reached is left to the next start.
  if (!loaded_ && behind_since_ms_ != 0) LT_TRY(load_locked());
  if (!loaded_) return {};
  if (is_gone()) return reopen_after(history_->end_redo_log());
  LT_TRY(capture_wal());
  LT_ASSIGN(const bool hot, journal_is_hot(context_.env, context_.dir, path_));
  if (!hot && !dirty_.empty()) LT_TRY(capture_written());
  LT_TRY(reopen_after(history_->end_redo_log()));
  if (!quiet || hot || history_->empty() || !must_compare_.empty()) return {};
  return leave_clean_stop();
}

// What the next start needs to go on without reading the database, also after a power cut.
Status Database::leave_clean_stop() {
  for (const char* suffix : {"", "-wal"}) {
    const auto file = context_.env.open(context_.dir, path_ + suffix, OpenMode::kRead);
    if (file) LT_TRY((*file)->sync());
  }
  CleanStop stop;
  stop.page_size = history_->page_size();
  stop.pos = history_->pos();
  LT_ASSIGN(stop.database, fingerprint_of(context_.env, context_.dir, path_));
  LT_ASSIGN(stop.wal, fingerprint_of(context_.env, context_.dir, path_ + "-wal"));
  LT_ASSIGN(stop.history, history_->newest_file());
  stop.wal_state = wal_.state();
  stop.checksums = std::move(checksums_);  // lent: a copy of them is large
  Status written = write_clean_stop(context_.env, context_.history.dir, history_->folder(), stop);
  checksums_ = std::move(stop.checksums);
  return written;
}

}  // namespace litetool
