// Capturing: from the files of a database to the next image of its history.
#include <algorithm>
#include <atomic>
#include <utility>

#include "core/capture/database.h"
#include "core/capture/journal_capture.h"
#include "core/capture/scan_capture.h"
#include "core/history/boot_note.h"

namespace litetool {
namespace {

// A flag that is set while this lives.
class True {
 public:
  explicit True(std::atomic<bool>& flag) : flag_(flag) { flag_ = true; }
  ~True() { flag_ = false; }
  True(const True&) = delete;
  True& operator=(const True&) = delete;

 private:
  std::atomic<bool>& flag_;
};

// What the transaction itself says; the history knows the rest.
ltx::Header header_of(const Transaction& transaction) {
  ltx::Header header;
  header.page_size = transaction.page_size;
  header.commit = transaction.commit;
  header.wal_offset = static_cast<std::int64_t>(transaction.wal.offset);
  header.wal_size = static_cast<std::int64_t>(transaction.wal.size);
  header.wal_salt1 = transaction.wal.salt1;
  header.wal_salt2 = transaction.wal.salt2;
  return header;
}

}  // namespace

Status Database::capture_wal() {
  if (history_->empty() || !must_compare_.empty()) return capture_pages(must_compare_);
  if (log_is_final()) return finish(Durability::kWritten);
  LT_ASSIGN(const WalCapture::Outcome outcome,
            wal_.capture(shared_index(), history_->commit(),
                         [&](const Transaction& transaction) { return emit(transaction); }));
  if (outcome == WalCapture::Outcome::kGap) {
    return capture_pages("frames of the WAL were overwritten before they were captured");
  }
  return finish(Durability::kWritten);
}

// The last client removes the wal-index before the log. Frames that it had not published then, left
// by a writer that was killed, are no commits, though the log alone says so; unless somebody opens
// it again.
bool Database::log_is_final() {
  if (!final_log_) return false;
  const auto now = fingerprint_of(context_.env, context_.dir, path_ + "-wal");
  if (now && *now == *final_log_) return true;
  final_log_.reset();
  return false;
}

// Everything in the log is captured; after this SQLite may begin it anew.
Status Database::end_generation(Durability durability) {
  LT_TRY(capture_wal());
  wal_.close_generation();
  return finish(durability);
}

// A program that is not SQLite took the log away from under the database.
Status Database::capture_without_log() {
  LT_TRY(capture_pages("its log was taken away with commits in it"));
  wal_.resume(WalState{});  // should it come back, all of it counts
  settle();
  return {};
}

// The file was written without a journal that tells of it, by a copy mostly. A log that lies beside
// it belongs to it, although nobody has opened that yet.
Status Database::capture_written() {
  return log_lies_there() ? capture_pages("written beside a log") : capture_rollback();
}

bool Database::log_lies_there() const {
  const auto log = context_.env.stat(context_.dir, path_ + "-wal");
  return log && log->st_size > static_cast<off_t>(kWalHeaderSize);
}

// The journal is over, or there is none: the file itself is the database.
Status Database::capture_rollback() {
  LT_TRY(prepare_commit());
  return confirm_commit();
}

// The end of the journal is about to commit what the file holds. Should we die before that, the
// transaction is rolled back; after it, it is not: so its image is no transaction until then.
Status Database::prepare_commit() {
  if (history_->prepared() && must_compare_.empty() && !in_wal_mode()) {
    LT_ASSIGN(const bool stands, prepared_pages_stand());
    if (stands) return {};
  }
  LT_TRY(reopen_after(history_->discard()));
  // A journal left over from before, cleared away beside a log: the file alone is no state then.
  if (in_wal_mode()) return capture_wal();
  if (log_lies_there()) return capture_beside_log();
  const auto view = open_view(CommittedView::Read::kFileOnly);
  if (!view) return capture_without_view(view.error());
  const bool whole = history_->empty() || history_->page_size() != view->page_size();
  PageList pages = PageList::all(view->commit(), view->page_size());
  if (!whole) {
    LT_ASSIGN(pages, changed_pages(*view));
  }
  if (pages.empty() && history_->commit() == view->commit()) {
    transaction_over();
    return {};
  }
  // Marked first: whatever becomes of it, it does not pass for a transaction of SQLite's own.
  if (!must_compare_.empty()) LT_TRY(history_->mark(history_->pos().txid.next(), must_compare_));
  LT_TRY(prepare(transaction_of(*view, std::move(pages)), whole));
  return finish(wanted_durability());
}

// A log that nobody has open: its last client could not remove it, because another was inside,
// waiting to leave WAL mode. What that one commits goes to the file, and is read below the log.
Status Database::capture_beside_log() {
  LT_TRY(capture_wal());
  return capture_pages("committed to the file beside a log");
}

void Database::transaction_over() {
  must_compare_.clear();
  client_synced_ = false;
  journal_.transaction_over();
  dirty_.clear();
  if (!sees_writes_) settle();
}

// The client makes the pages of its transaction safe, and only then finalises its journal: what
// that will commit goes to the disk together with them, so that the commit itself need not wait.
Status Database::prepare_early() {
  if (history_->empty() || !must_compare_.empty()) return {};
  if (sees_writes_ && (dirty_.empty() || history_->prepared())) return {};
  if (log_lies_there()) return {};
  const auto view = open_view(CommittedView::Read::kFileOnly);
  if (!view || view->page_size() != history_->page_size()) return {};
  LT_ASSIGN(std::vector<Pgno> pages, changed_pages(*view));
  if (!must_compare_.empty()) return {};  // marked when it is committed
  if (pages.empty() && history_->commit() == view->commit()) return {};
  LT_TRY(prepare(transaction_of(*view, std::move(pages)), false));
  return reopen_after(history_->sync_with(view->file()));
}

Status Database::prepare(Transaction transaction, bool whole) {
  LT_TRY(reopen_after(history_->prepare(header_of(transaction), whole, [&](ltx::Encoder& encoder) {
    return add_pages(encoder, transaction, whole);
  })));
  prepared_pages_ = std::move(transaction.pages);
  return {};
}

// Whether what was prepared is what the file holds now. A write that we see takes it back; where we
// see none, more pages may have been written, or the old ones again.
Result<bool> Database::prepared_pages_stand() {
  if (sees_writes_) return true;
  const auto view = open_view(CommittedView::Read::kFileOnly);
  if (!view || view->page_size() != history_->page_size() ||
      view->commit() != history_->prepared_commit()) {
    return false;
  }
  LT_ASSIGN(const std::vector<Pgno> pages, changed_pages(*view));
  if (pages.size() != prepared_pages_.size()) return false;
  scratch_.resize(view->page_size());
  for (std::size_t i = 0; i < pages.size(); ++i) {
    LT_TRY(view->read(pages[i], scratch_));
    const bool same =
        prepared_pages_[i] == pages[i] && new_checksums_[i] == page_checksum(pages[i], scratch_);
    if (!same) return false;
  }
  return true;
}

// The journal is over: what was prepared is committed.
Status Database::confirm_commit() {
  if (!history_->prepared()) return {};
  LT_TRY(reopen_after(history_->confirm()));
  if (history_->last_header()->is_snapshot()) LT_TRY(reopen_after(begin_with_whole()));
  take_checksums(std::exchange(prepared_pages_, {}), history_->commit());
  if (!must_compare_.empty()) warn_of_comparison(must_compare_);
  transaction_over();
  return {};
}

// The pages that the transaction has changed: found among those written, or among those that its
// journal may stand for, or among all.
Result<std::vector<Pgno>> Database::changed_pages(const CommittedView& view) {
  if (must_compare_.empty() && sees_writes_) {
    DirtyPages::Found found = dirty_.find(checksums_, view.commit());
    std::erase(found.changed, lock_page(view.page_size()));
    LT_ASSIGN(const auto differ, pages_that_differ(view, found.unsure, checksums_));
    const auto middle = found.changed.insert(found.changed.end(), differ.begin(), differ.end());
    std::ranges::inplace_merge(found.changed, middle);
    return std::move(found.changed);
  }
  if (const File* log = must_compare_.empty() ? journal_.file() : nullptr; log != nullptr) {
    LT_ASSIGN(const JournalCandidates behind,
              pages_behind_journal(*log, view.file(), view.page_size(), checksums_, view.commit()));
    if (behind.pages) return pages_that_differ(view, *behind.pages, checksums_);
    if (behind.follows_unseen) must_compare_ = "commits before it came without an event";
  }
  return pages_that_differ(view, PageList::all(view.commit(), view.page_size()), checksums_);
}

// There is no file, or it is no database (any more): an empty one is a database without pages.
Status Database::capture_without_view(const Error& why) {
  if (why.code == Errc::kNotFound) return {};
  if (why.code != Errc::kUnsupported) return why;
  LT_ASSIGN(const struct stat st, context_.env.stat(context_.dir, path_));
  if (history_->empty()) {
    dirty_.clear();
    return {};
  }
  if (st.st_size == 0) return emit_drop("the file was emptied");
  return Error(Errc::kUnsupported, "the file is no longer a SQLite database");
}

Status Database::capture_pages(const std::string& why) {
  // A checkpoint that copies later commits into the file would mix them with those that are read:
  // it waits at its first sync; of one that does not sync the file tells.
  const True comparing(comparing_);
  const auto before = fingerprint_of(context_.env, context_.dir, path_);
  // Frames behind those are being written, or were left by a client that was killed.
  LT_ASSIGN(const std::optional<WalState> published, wal_.published(shared_index()));
  const auto view = open_view(CommittedView::Read::kAll, published);
  if (!view) return capture_without_view(view.error());
  const auto check = [&]() -> Status {
    if (!view->has_wal()) return {};
    return before ? unchanged_since(*before) : Status(before.error());
  };
  const bool whole = history_->empty() || history_->page_size() != view->page_size();
  PageList pages = PageList::all(view->commit(), view->page_size());
  if (!whole) {
    LT_ASSIGN(pages, pages_that_differ(*view, pages, checksums_));
  }
  const bool changed = !pages.empty() || history_->commit() != view->commit();
  if (changed) {
    Transaction transaction = transaction_of(*view, std::move(pages));
    // The first image of a history needs no excuse.
    transaction.mark = history_->empty() ? "" : why;
    transaction.check = check;
    LT_TRY(emit(transaction));
  } else {
    LT_TRY(check());
  }
  LT_TRY(finish(Durability::kWritten));
  if (view->has_wal()) wal_.resume(view->wal_end());
  must_compare_.clear();
  dirty_.clear();
  return {};
}

Status Database::emit(const Transaction& transaction) {
  if (transaction.commit == 0) {
    if (transaction.check) LT_TRY(transaction.check());
    return emit_drop(transaction.mark);
  }
  const bool whole =
      transaction.base || history_->empty() || history_->page_size() != transaction.page_size;
  // As many as there are can only be all of them.
  const PageList all = PageList::all(transaction.commit, transaction.page_size);
  if (whole && transaction.pages.size() != all.size()) {
    return Error(Errc::kFailed, "a part of the database cannot start a history");
  }
  LT_TRY(reopen_after(history_->append(
      header_of(transaction), whole,
      [&](ltx::Encoder& encoder) { return add_pages(encoder, transaction, whole); },
      transaction.mark)));
  if (whole) LT_TRY(reopen_after(begin_with_whole()));
  take_checksums(transaction.pages, transaction.commit);
  if (!transaction.mark.empty()) warn_of_comparison(transaction.mark);
  return {};
}

// An image of all pages was written: what was known of them before is over. It goes to the disk at
// once. What follows it may be rolled forward from the log after a power cut, but not the base.
Status Database::begin_with_whole() {
  checksums_.clear();
  LT_TRY(history_->sync());
  return note_boot(context_.env, context_.history.dir, history_->folder());
}

void Database::warn_of_comparison(const std::string& why) {
  context_.warn(path_ + ": transaction " + history_->pos().txid.text() +
                " was found by comparing pages: " + why);
}

// Those of the image that was just written are now the database's.
void Database::take_checksums(const PageList& pages, Pgno commit) {
  constexpr std::size_t kCommon = 1 << 14;  // more memory is not kept for the next one
  if (pages.is_all()) {
    checksums_ = PageChecksums(std::move(new_checksums_), commit, history_->page_size());
    return;
  }
  checksums_.resize(commit);
  for (std::size_t i = 0; i < new_checksums_.size(); ++i) {
    if (new_checksums_[i].present()) checksums_.set(pages[i], new_checksums_[i]);
  }
  if (new_checksums_.capacity() > kCommon) new_checksums_ = {};
}

Result<Checksum> Database::add_pages(ltx::Encoder& encoder, const Transaction& transaction,
                                     bool whole) {
  const PageChecksums* known = whole ? nullptr : &checksums_;
  LT_TRY(encoder_.add(encoder, transaction, known, new_checksums_));
  Checksum database = whole ? kEmptyDatabase : checksums_.database();
  for (std::size_t i = 0; i < new_checksums_.size(); ++i) {
    if (!new_checksums_[i].present()) continue;
    if (!whole) database = checksum_xor(database, checksums_.get(transaction.pages[i]));
    database = checksum_xor(database, new_checksums_[i]);
  }
  for (Pgno pgno = transaction.commit + 1; !whole && pgno <= checksums_.pages(); ++pgno) {
    database = checksum_xor(database, checksums_.get(pgno));
  }
  if (transaction.check) LT_TRY(transaction.check());
  return database;
}

Status Database::emit_drop(const std::string& why) {
  wal_.resume(WalState{});
  history_->remove_if_empty();  // an image of it may have been begun just when it went
  if (history_->empty() || history_->commit() == 0) return {};
  ltx::Header header;
  header.page_size = history_->page_size();
  header.commit = 0;
  LT_TRY(reopen_after(history_->append(
      header, false, [](ltx::Encoder&) -> Result<Checksum> { return kEmptyDatabase; }, why)));
  checksums_.clear();
  return finish(Durability::kSynced);
}

Status Database::finish(Durability durability) {
  return reopen_after(durability == Durability::kSynced ? history_->sync() : history_->flush());
}

// When a write to the history failed nobody knows what of it is in the file: find out from there.
Status Database::reopen_after(Status failed) {
  if (failed) return failed;
  history_.reset();
  loaded_ = false;
  return failed;
}

}  // namespace litetool
