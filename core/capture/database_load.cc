// Bringing a history to the state of its database's files: at start, and after a failed write.
#include <algorithm>

#include "core/capture/database.h"
#include "core/capture/scan_capture.h"
#include "core/history/history_reader.h"
#include "core/history/layout.h"
#include "core/history/replay.h"

namespace litetool {

Status Database::load_locked() {
  if (loaded_) return {};
  LT_ASSIGN(history_, History::open(context_.env, context_.dir, history_folder_of(path_),
                                    context_.node_id, context_.warn));
  checksums_.clear();
  wal_.resume(WalState{});
  LT_ASSIGN(const bool clean, load_clean_stop());
  if (!clean) {
    const auto view = CommittedView::open(context_.env, context_.dir, path_);
    if (view) {
      LT_TRY(reconcile(*view));
    } else if (view.error().code == Errc::kNotFound) {
      LT_TRY(emit_drop("the file was removed while it was not mounted"));
    } else if (view.error().code != Errc::kUnsupported) {
      return view.error();
    }
  }
  LT_TRY(history_->discard());
  must_compare_.clear();
  loaded_ = true;
  settle();
  return {};
}

// True when the files are as they were at the clean stop that left its checksums.
Result<bool> Database::load_clean_stop() {
  Result<CleanStop> stop = read_clean_stop(context_.env, context_.dir, history_->folder());
  LT_TRY(remove_clean_stop(context_.env, context_.dir, history_->folder()));
  if (!stop) return false;
  LT_ASSIGN(const FileFingerprint file, fingerprint_of(context_.env, context_.dir, path_));
  LT_ASSIGN(const FileFingerprint wal, fingerprint_of(context_.env, context_.dir, path_ + "-wal"));
  const bool fits = stop->pos == history_->pos() && stop->page_size == history_->page_size() &&
                    stop->checksums.pages() == history_->commit() &&
                    stop->checksums.database() == history_->pos().checksum &&
                    stop->database == file && stop->wal == wal;
  if (!fits) return false;
  checksums_ = std::move(stop->checksums);
  wal_.resume(stop->wal_state);
  return true;
}

// A daemon was killed between the sync of the pages and the end of the journal: whether that
// transaction was committed shows in the database.
Status Database::decide_prepared(const CommittedView& view, const PageChecksums& actual) {
  const auto prepared = history_->prepared();
  const bool committed = prepared && view.page_size() == history_->page_size() &&
                         view.commit() == history_->prepared_commit() &&
                         actual.database() == prepared->checksum;
  return committed ? history_->confirm() : history_->discard();
}

Status Database::reconcile(const CommittedView& view) {
  if (history_->empty()) return capture_pages("");
  LT_ASSIGN(PageChecksums actual, checksums_of(view));
  LT_TRY(decide_prepared(view, actual));
  if (history_->page_size() == view.page_size() && history_->commit() == view.commit() &&
      history_->pos().checksum == actual.database()) {
    checksums_ = std::move(actual);
    if (view.has_wal()) wal_.resume(view.wal_end());
    return {};
  }
  if (history_->commit() != 0) {
    LT_ASSIGN(const HistoryReader reader,
              HistoryReader::open(context_.env, context_.dir, history_->folder()));
    LT_ASSIGN(checksums_, checksums_at(reader, history_->pos().txid));
  }
  LT_ASSIGN(const bool forward, roll_forward(view, actual));
  if (forward) return {};
  return capture_pages("the file changed while it was not mounted");
}

// Captures the transactions that the WAL still holds, if they lead from the history to the
// database.
Result<bool> Database::roll_forward(const CommittedView& view, const PageChecksums& actual) {
  if (!view.has_wal() || view.wal_end().frame == 0 || history_->commit() == 0 ||
      view.page_size() != history_->page_size()) {
    return false;
  }
  LT_ASSIGN(const WalState from, wal_state_of_history(view));
  PageChecksums rehearsed = checksums_;
  Buffer scratch(view.page_size());
  WalCapture rehearsal(context_.env, context_.dir, path_);
  rehearsal.resume(from);
  LT_ASSIGN(const auto outcome,
            rehearsal.capture(false, history_->commit(), [&](const Transaction& t) -> Status {
              rehearsed.resize(t.commit);
              for (std::size_t i = 0; i < t.pages.size(); ++i) {
                LT_ASSIGN(const Bytes page, t.read(i, scratch));
                rehearsed.set(t.pages[i], page_checksum(t.pages[i], page));
              }
              return {};
            }));
  if (outcome != WalCapture::Outcome::kDone || rehearsed.database() != actual.database() ||
      rehearsed.pages() != actual.pages()) {
    return false;
  }
  wal_.resume(from);
  LT_ASSIGN(const auto captured,
            wal_.capture(false, history_->commit(), [&](const Transaction& t) { return emit(t); }));
  LT_TRY(finish(Durability::kSynced));
  return captured == WalCapture::Outcome::kDone;
}

// Where in the WAL the history's last transaction ends; the start of the log if it is not in there.
Result<WalState> Database::wal_state_of_history(const CommittedView& view) {
  const WalHeader& log = view.wal_header();
  const ltx::Header& last = *history_->last_header();
  const WalSalts salts = (std::uint64_t{last.wal_salt1} << 32) | last.wal_salt2;
  if (last.wal_offset == 0 || salts != log.salts) return wal_start(log);
  const auto end = static_cast<std::uint64_t>(last.wal_offset + last.wal_size);
  const std::uint32_t frame = log.frames_in(end);
  LT_ASSIGN(const std::unique_ptr<File> wal,
            context_.env.open(context_.dir, path_ + "-wal", OpenMode::kRead));
  WalScanner scanner(*wal, log, wal_start(log), frame);
  while (true) {
    LT_ASSIGN(const std::optional<WalFrame> next, scanner.next());
    if (!next || !next->ok()) break;
  }
  return scanner.committed();
}

}  // namespace litetool
