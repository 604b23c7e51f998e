// Bringing a history to the state of its database's files: at start, and after a failed write.
//
// While this runs the lock is free, so that clients open, read and append to the log undisturbed;
// `loading_` keeps everything that captures, and everything that would change the database file or
// discard what is in its log, waiting until it is done.
#include <algorithm>

#include "core/capture/database.h"
#include "core/capture/power_cut.h"
#include "core/capture/roll_forward.h"
#include "core/capture/scan_capture.h"
#include "core/history/boot_note.h"
#include "core/history/history_reader.h"
#include "core/history/layout.h"
#include "core/history/quarantine.h"
#include "core/history/replay.h"

namespace litetool {
namespace {

constexpr unsigned kThreads = 2;
// Of a checkpoint with synchronous=OFF, which asks nobody before it writes to the file.
constexpr int kTries = 4;

// What the bytes of a history are to blame for; anything else may be better next time.
bool is_damage(const Error& error) {
  return error.code == Errc::kCorrupt || error.code == Errc::kBrokenChain;
}

Error changed_meanwhile() {
  return Error(Errc::kDiffers, "the file was written to while it was read");
}

// As many as the database file and the WAL can hold.
std::uint64_t most_pages_in(Env& env, int dir, const std::string& path) {
  std::uint64_t bytes = 0;
  for (const std::string& file : {path, path + "-wal"}) {
    if (const auto st = env.stat(dir, file)) bytes += static_cast<std::uint64_t>(st->st_size);
  }
  return bytes / kMinPageSize;
}

}  // namespace

Status Database::load() {
  const std::lock_guard lock(mutex_);
  Status done = load_locked();
  if (done) {
    behind_since_ms_ = 0;
  } else {
    hindered(done.error());
  }
  return done;
}

bool Database::wants_load() {
  const std::lock_guard lock(mutex_);
  return !is_retired_ && !loaded_ && !loading_ && behind_since_ms_ != 0 &&
         context_.env.now_ms() >= paused_until_ms_;
}

Result<bool> Database::load_quickly() {
  const std::lock_guard lock(mutex_);
  if (loading_ || loaded_ || is_retired_) return loaded_;
  LT_TRY(begin_load());
  mutex_.unlock();
  const Result<bool> clean = open_and_resume();
  mutex_.lock();
  end_load(clean && *clean, !clean);
  return clean;
}

Status Database::load_locked() {
  if (is_retired_) return Error(Errc::kNotFound, "another database has its name");
  if (loading_) {
    WaitListener::tell();
    load_done_.wait(mutex_, [this] { return !loading_; });
    // A quick load that found that it takes more has not failed: then it is for us.
    if (load_failed_) return Error(Errc::kFailed, last_error_);
  }
  if (loaded_) return {};
  LT_TRY(begin_load());
  mutex_.unlock();
  Status done = bring_up();
  mutex_.lock();
  end_load(done.ok(), !done);
  return done;
}

Status Database::begin_load() {
  LT_ASSIGN(restarted_, machine_restarted(context_.env, context_.history.dir,
                                          context_.history.folder_of(path_)));
  published_ = std::nullopt;
  if (shared_index()) {
    LT_ASSIGN(published_, wal_.published(true));
  }
  missed_ = behind_since_ms_ != 0 ? "capture had failed: " + last_error_
                                  : "the file changed while it was not mounted";
  must_compare_.clear();
  loading_ = true;
  return {};
}

void Database::end_load(bool loaded, bool failed) {
  loading_ = false;
  loaded_ = loaded;
  load_failed_ = failed;
  // Clients may have closed and replaced them meanwhile.
  wal_.forget_wal();
  wal_.forget_shm();
  load_done_.notify_all();
}

void Database::before_open() {
  const std::lock_guard lock(mutex_);
  if (loaded_) return;
  if (!loading_) {
    const auto restarted =
        machine_restarted(context_.env, context_.history.dir, context_.history.folder_of(path_));
    restarted_ = restarted && *restarted;
  }
  if (restarted_) ensure_loaded();
}

// True when the history goes on from a clean stop, without a look at the database or at the pages
// of the history. What a stop left counts for one start.
Result<bool> Database::open_and_resume() {
  const std::string folder = context_.history.folder_of(path_);
  Result<CleanStop> stop = read_clean_stop(context_.env, context_.history.dir, folder,
                                           most_pages_in(context_.env, context_.dir, path_));
  LT_TRY(remove_clean_stop(context_.env, context_.history.dir, folder));
  LT_ASSIGN(history_,
            History::open(context_.env, context_.history.dir, folder, context_.node_id,
                          context_.warn, {stop ? stop->history : FileFingerprint{}, restarted_}));
  checksums_.clear();
  wal_.resume(WalState{});
  if (!stop) return false;
  LT_ASSIGN(const bool clean, resume(*std::move(stop)));
  if (clean) LT_TRY(end_bring_up());
  return clean;
}

Status Database::bring_up() {
  for (int i = 0; i < kTries; ++i) {
    LT_ASSIGN(const bool clean, open_and_resume());
    if (clean) return {};
    Status done = reconcile();
    if (done) return end_bring_up();
    if (done.error().code != Errc::kDiffers) return done;
  }
  return changed_meanwhile();
}

Status Database::end_bring_up() {
  LT_TRY(history_->discard());  // prepared, and nothing has confirmed it
  LT_TRY(history_->forget_marks_beyond_end());
  settle();
  if (history_->empty()) return {};
  const Job job{context_.env, 1, context_.stop};
  const Status moved = quarantine_noted_damage(job, context_.history.dir, history_->folder(),
                                               history_->pos().txid, context_.warn);
  if (!moved) {
    context_.warn(path_ + ": " + moved.error().text() +
                  " (what is damaged stays in the history until the next mount)");
  }
  return note_boot(context_.env, context_.history.dir, history_->folder());
}

// The files are as they were at the clean stop that left its checksums, or the log has only grown.
Result<bool> Database::resume(CleanStop stop) {
  LT_ASSIGN(const FileFingerprint file, fingerprint_of(context_.env, context_.dir, path_));
  const bool fits = stop.pos == history_->pos() && stop.page_size == history_->page_size() &&
                    stop.checksums.pages() == history_->commit() &&
                    stop.checksums.database() == history_->pos().checksum && stop.database == file;
  if (!fits) return false;
  LT_ASSIGN(const bool log_fits, log_goes_on(stop));
  if (!log_fits) return false;
  checksums_ = std::move(stop.checksums);
  wal_.resume(stop.wal_state);
  return true;
}

// A daemon was killed between the pages of a transaction and the answer to the end of its journal:
// whether it was committed shows in the database.
Status Database::decide_prepared(const CommittedView& view, const PageChecksums& actual) {
  const auto prepared = history_->prepared();
  const bool committed = prepared && view.page_size() == history_->prepared_page_size() &&
                         view.commit() == history_->prepared_commit() &&
                         actual.database() == prepared->checksum;
  return committed ? history_->confirm() : history_->discard();
}

// Whether whatever is in the WAL follows on what was in it at the clean stop. The database file has
// not changed since, so no checkpoint was made.
Result<bool> Database::log_goes_on(const CleanStop& stop) {
  LT_ASSIGN(const FileFingerprint wal, fingerprint_of(context_.env, context_.dir, path_ + "-wal"));
  const bool had_none = stop.wal_state.frame == 0 && stop.wal[0] == 0;
  if (wal == stop.wal || had_none) return true;
  LT_ASSIGN(const auto view, open_view(CommittedView::Read::kAll));
  if (!view.has_wal() || view.wal_header().salts != stop.wal_state.salts) return false;
  LT_ASSIGN(const std::unique_ptr<File> file,
            context_.env.open(context_.dir, path_ + "-wal", OpenMode::kRead));
  const WalHeader& log = view.wal_header();
  WalScanner scanner(*file, log, wal_start(log), stop.wal_state.frame);
  while (true) {
    LT_ASSIGN(const std::optional<WalFrame> frame, scanner.next());
    if (!frame || !frame->ok()) break;
  }
  return scanner.state() == stop.wal_state;
}

Status Database::reconcile() {
  LT_ASSIGN(const FileFingerprint before, fingerprint_of(context_.env, context_.dir, path_));
  const auto view = open_view(CommittedView::Read::kAll, published_);
  if (view) return reconcile_with(*view, before);
  if (view.error().code == Errc::kNotFound) {
    return emit_drop("the file was removed while it was not mounted");
  }
  if (view.error().code != Errc::kUnsupported || history_->commit() == 0) {
    return view.error().code == Errc::kUnsupported ? Status() : view.error();
  }
  if (before[0] == 0) return emit_drop("the file was emptied while it was not mounted");
  return Error(Errc::kUnsupported,
               "the file is no SQLite database any more (its history is kept: 'litetool restore')");
}

Result<PageChecksums> Database::checksums_at_end() {
  if (history_->commit() == 0) return PageChecksums();
  LT_ASSIGN(const HistoryReader reader, history_->reader());
  return checksums_at(reader, history_->pos().txid);
}

Status Database::reconcile_with(const CommittedView& view, const FileFingerprint& before) {
  if (history_->empty()) return capture_difference(view, before, PageChecksums(), "");
  WaitListener::tell();
  const Job job{context_.env, kThreads, context_.stop};
  LT_ASSIGN(PageChecksums actual, checksums_of(job, view));
  LT_TRY(unchanged_since(before));
  LT_TRY(decide_prepared(view, actual));
  if (history_->page_size() == view.page_size() && history_->commit() == view.commit() &&
      history_->pos().checksum == actual.database()) {
    checksums_ = std::move(actual);
    if (view.has_wal()) wal_.resume(view.wal_end());
    return {};
  }
  // Before the database is changed: what cannot be read is no reason to change it.
  Result<PageChecksums> known = checksums_at_end();
  if (!known && is_damage(known.error())) return begin_anew(view, before, known.error());
  if (!known) return known.error();
  if (restarted_) {
    LT_ASSIGN(auto forward,
              bring_forward(context_.env, context_.dir, path_, view, actual, *history_));
    if (forward) {
      checksums_ = *std::move(forward);
      context_.warn(path_ + ": was brought forward to transaction " + history_->pos().txid.text() +
                    ": the machine had stopped before SQLite's own files were on the disk");
      return {};
    }
  }
  checksums_ = *std::move(known);
  if (history_->commit() != 0) {
    LT_ASSIGN(const bool forward, roll_forward(view, actual));
    if (forward) return {};
  }
  return capture_difference(view, before, actual, missed_);
}

Status Database::unchanged_since(const FileFingerprint& before) {
  LT_ASSIGN(const FileFingerprint now, fingerprint_of(context_.env, context_.dir, path_));
  return now == before ? Status() : changed_meanwhile();
}

// Captures the transactions that the WAL still holds one by one, if they lead from the history to
// the database.
Result<bool> Database::roll_forward(const CommittedView& view, const PageChecksums& actual) {
  LT_ASSIGN(const auto from,
            transactions_to_come(context_.env, context_.dir, path_,
                                 {view, actual, *history_, checksums_, context_.most_pages}));
  if (!from) return false;
  wal_.resume(*from);
  LT_ASSIGN(const auto captured, wal_.capture_until(view.wal_end().frame, history_->commit(),
                                                    [&](const Transaction& t) { return emit(t); }));
  LT_TRY(finish(Durability::kSynced));
  return captured == WalCapture::Outcome::kDone;
}

// One transaction that makes the history end at the database as it is.
Status Database::capture_difference(const CommittedView& view, const FileFingerprint& before,
                                    const PageChecksums& actual, const std::string& why) {
  PageList pages = PageList::all(view.commit(), view.page_size());
  const bool whole = history_->empty() || history_->page_size() != view.page_size();
  if (!whole) {
    std::vector<Pgno> changed;
    for (std::size_t i = 0; i < pages.size(); ++i) {
      if (actual.get(pages[i]) != checksums_.get(pages[i])) changed.push_back(pages[i]);
    }
    pages = std::move(changed);
  }
  Transaction transaction = transaction_of(view, std::move(pages));
  transaction.mark = why;
  return capture_from(view, before, std::move(transaction));
}

// The way back from the history's end is lost, so the next transaction holds the whole database,
// in a segment of its own. Only when it is safe is anything moved, at the end of the load.
Status Database::begin_anew(const CommittedView& view, const FileFingerprint& before,
                            const Error& damage) {
  context_.warn(path_ + ": the history is damaged (" + damage.text() +
                "); it goes on with a copy of the whole database");
  LT_TRY(history_->close_segment());
  LT_TRY(note_damage(context_.env, context_.history.dir, history_->folder(),
                     history_->pos().txid.next()));
  Transaction transaction = transaction_of(view, PageList::all(view.commit(), view.page_size()));
  transaction.base = true;
  transaction.mark = "the history before it is damaged";
  return capture_from(view, before, std::move(transaction));
}

Status Database::capture_from(const CommittedView& view, const FileFingerprint& before,
                              Transaction transaction) {
  transaction.read = [this, read = std::move(transaction.read)](
                         std::size_t index, Pgno pgno, MutableBytes scratch) -> Result<Bytes> {
    LT_TRY(Job({context_.env, 1, context_.stop}).check());
    return read(index, pgno, scratch);
  };
  transaction.check = [&] { return unchanged_since(before); };
  LT_TRY(emit(transaction));
  if (view.has_wal()) wal_.resume(view.wal_end());
  return finish(Durability::kSynced);
}

}  // namespace litetool
