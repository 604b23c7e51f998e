// One database below the mount: what happens to its files, and its history.
//
// The mount tells it of every event before (or after) it lets the kernel go on; the database
// decides what that means to SQLite and captures what has been committed. A failure to capture
// never fails the client: it is reported once, and the next capture compares the whole database.
//
// Thread-safe. One mutex for each database, held while it captures; nothing else is locked inside
// but what the Env needs.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/capture/committed_view.h"
#include "core/capture/dirty_pages.h"
#include "core/capture/file_name.h"
#include "core/capture/journal_watch.h"
#include "core/capture/page_checksums.h"
#include "core/capture/status.h"
#include "core/capture/transaction.h"
#include "core/capture/transaction_encoder.h"
#include "core/capture/wal_capture.h"
#include "core/capture/written_run.h"
#include "core/history/checksums_file.h"
#include "core/history/history.h"
#include "core/history/history_root.h"
#include "core/os/polite_mutex.h"

namespace litetool {

// What all databases of a mount share. Outlives them.
struct CaptureContext {
  Env& env;
  int dir;  // the directory beneath the mount
  HistoryRoot history;
  std::uint64_t node_id;
  std::function<void(const std::string&)> warn;  // called from any thread
  // Reads a file that clients map, by its path, as they see it; fewer bytes at its end. Empty where
  // the file beneath is all there is. May wait for the mount's other threads: call it where an
  // answer is worth a round trip.
  ReadShared read_shared = {};
  const std::atomic<bool>* stop = nullptr;  // set when a long load should end early
  Pgno most_pages = most_pages_here();      // larger databases are not captured
};

class Database {
 public:
  // `path` is relative to the directory. Nothing is read yet.
  Database(const CaptureContext& context, std::string path);

  // Reads the history and brings it to the state of the files: by going on after a clean stop, by
  // rolling forward from the WAL, or by comparing pages. Events that capture do it when it was not
  // done, or wait until it is; others go on meanwhile.
  Status load();
  // The same, but only if it needs no look at the whole database; false when it does.
  Result<bool> load_quickly();
  // A load has failed, and it is time to try once more.
  bool wants_load();
  // Captures what is left, syncs, and leaves what the next start needs to go on without reading the
  // database; `quiet` false: clients may still change it, so the next start has to look.
  Status stop(bool quiet);

  std::string path();
  bool has_history();
  // There is a history under its name, whether it could be loaded or not.
  bool owns_history();
  Pos position();
  DatabaseStatus status();
  // Name of the segment that captures are appended to, empty if there is none yet; nothing while
  // that is not known, or there is no history.
  std::optional<std::string> segment_in_use();

  // The first open and the last close of one of the files; `inode` tells those apart that have had
  // the same name, closes come late. `sees_writes`: it goes through the page cache, so writes will
  // be reported, and stores to a mapping stay there for a while.
  void opened(FileRole role, std::uint64_t inode, bool sees_writes);
  void closed(FileRole role, std::uint64_t inode);
  // It was opened for writing under another name: of what was written before, nobody has told.
  void written_elsewhere(FileRole role);
  // Before any of the files is opened. Waits only after a restart of the machine, when the database
  // may have to be brought forward to its history.
  void before_open();
  // The log has got another name.
  void log_taken_away();
  // The last of those who may write has closed the file; it is still counted as open.
  void before_last_writer_leaves(FileRole role);

  // What is captured is safe once the file was synced, which must follow before anybody hears that
  // it was.
  void before_sync(FileRole role);
  // It failed.
  void sync_failed();
  void before_resize(FileRole role, std::uint64_t size);
  void after_resize(FileRole role, std::uint64_t size);
  void before_remove(FileRole role);
  void after_remove(FileRole role, bool removed);
  void before_write(FileRole role);
  // `content`: what the `size` bytes are now; empty where nobody knows. Returns a part of the file
  // that a sync will wait for, and that may begin to go to the disk now; empty mostly.
  ByteRange after_write(FileRole role, std::uint64_t offset, std::uint64_t size,
                        Bytes content = {});

  // The file is about to lose its name. After a power cut it would be gone, and nothing could tell
  // that what the history has not synced was committed: it is synced before.
  void before_name_goes();
  // The database was renamed, or another one took its place. Where the history cannot follow, all
  // is as before.
  Status moved_to(const std::string& path);
  void replaced();
  // Another one has its name, and the history there: files that are still open do not count.
  void retire();
  // The file is gone from under its name: the history ends with a drop.
  void dropped();

  // The file whose writes a timer should hear of, relative to the directory; empty when there is
  // none. And the timer's look: true when it captured something.
  std::string watched_file();
  bool tick();
  // A capture has failed and was not made up for; or that cannot be told without waiting.
  bool is_behind();
  // Captures what was committed before the call, for somebody who is about to read the position.
  // Does nothing while it is being loaded.
  void catch_up();
  // Comes now and then: what only a database that is busy needs is put away.
  void rest();
  // Of transactions that the history does not have any more.
  void forget_marks_before(Txid first);
  // True once, until cleared: whether the timer knows of it already.
  std::atomic<bool> on_timer{false};

 private:
  enum class Durability : std::uint8_t { kWritten, kSynced };

  // All of these with the lock held.
  std::vector<std::uint64_t>& open_inodes(FileRole role) {
    return open_[static_cast<std::size_t>(role)];
  }
  bool is_open(FileRole role) { return !open_inodes(role).empty(); }
  // Somebody has a wal-index open that was built while we watched: it tells what is committed.
  // Without one, or with one that is left from before, all valid commits in the log count, as they
  // do for the recovery that will come.
  bool shared_index() { return is_open(FileRole::kShm) && index_rebuilt_; }
  // The log is a part of the database now. SQLite reads a log, whatever the header of the database
  // says, for as long as there is one, and whoever removes it has copied it into the file before.
  bool in_wal_mode() { return is_open(FileRole::kWal); }
  bool journal_open() { return is_open(FileRole::kJournal); }
  void attempt(const std::function<Status()>& capture);
  bool look();
  void ensure_loaded();
  void not_captured(const Error& error);
  void hindered(const Error& error);
  void describe_file(DatabaseStatus& status) const;
  Durability wanted_durability() const;
  Status capture_wal();
  void sync_ahead(std::unique_lock<PoliteMutex>& lock);
  bool may_copy_log() const;
  bool log_is_final();
  bool is_log_needed(std::uint64_t size) const;
  bool log_lies_there() const;
  Status end_generation(Durability durability);
  Status capture_rollback();
  Status capture_beside_log();
  Status capture_unjournalled();
  Status capture_written();
  Status capture_without_log();
  Status prepare_early();
  Status prepare_commit();
  Status prepare(Transaction transaction, bool whole);
  Result<bool> prepared_pages_stand();
  Status confirm_commit();
  void take_back_prepared();
  void transaction_over();
  Status capture_pages(const std::string& why);
  Status capture_without_view(const Error& why);
  Status emit(const Transaction& transaction);
  Status begin_with_whole();
  void warn_of_comparison(const std::string& why);
  void take_checksums(const PageList& pages, Pgno commit);
  Status emit_drop(const std::string& why);
  Result<Checksum> add_pages(ltx::Encoder& encoder, const Transaction& transaction, bool whole);
  Status finish(Durability durability);
  Status reopen_after(Status failed);
  Status leave_clean_stop();
  Status load_locked();
  Status begin_load();
  void end_load(bool loaded, bool failed);
  // These without the lock, by the one thread that loads.
  Result<bool> open_and_resume();
  Status bring_up();
  Status end_bring_up();
  Result<bool> resume(CleanStop stop);
  Result<bool> log_goes_on(const CleanStop& stop);
  Status reconcile();
  Status decide_prepared(const CommittedView& view, const PageChecksums& actual);
  Status reconcile_with(const CommittedView& view, const FileFingerprint& before);
  Result<PageChecksums> checksums_at_end();
  Status unchanged_since(const FileFingerprint& before);
  Result<bool> roll_forward(const CommittedView& view, const PageChecksums& actual);
  Status begin_anew(const CommittedView& view, const FileFingerprint& before, const Error& damage);
  Status capture_difference(const CommittedView& view, const FileFingerprint& before,
                            const PageChecksums& actual, const std::string& why);
  Status capture_from(const CommittedView& view, const FileFingerprint& before,
                      Transaction transaction);
  // As CommittedView::open(); kFailed for one that is too large.
  Result<CommittedView> open_view(CommittedView::Read read,
                                  std::optional<WalState> published = std::nullopt) const;
  void note_written(std::uint64_t offset, std::uint64_t size, Bytes content);
  Result<std::vector<Pgno>> changed_pages(const CommittedView& view);
  bool changed_unseen();
  bool is_gone();
  std::uint32_t page_size_or_least() const;
  void settle();

  const CaptureContext& context_;
  PoliteMutex mutex_;
  std::string path_;
  bool is_retired_ = false;
  bool is_removed_ = false;  // the file; clients that have it open still may write to its log
  bool loaded_ = false;
  bool load_failed_ = false;  // the last one that has ended
  // Then the state down to wal_ belongs to the thread that loads. Written with the lock held.
  std::atomic<bool> loading_ = false;
  std::atomic<bool> comparing_ = false;  // all pages, with the lock held
  std::condition_variable_any load_done_;
  bool restarted_ = false;             // the machine, since the history was last at work
  std::string missed_;                 // why a load may find what no event told of
  std::optional<WalState> published_;  // by the wal-index, when loading began
  std::optional<History> history_;
  PageChecksums checksums_;  // as of the end of the history
  WalCapture wal_;
  DirtyPages dirty_;
  WrittenRun run_;
  FileFingerprint settled_{};  // of the file when it last agreed with the history
  JournalWatch journal_;
  std::string must_compare_;    // why the next capture compares all pages; empty: it need not
  bool client_synced_ = false;  // since the last commit: it wants its commits durable
  bool sees_writes_ = false;
  std::optional<FileFingerprint> final_log_;  // when the wal-index was removed
  WalState copied_;                           // of the log, when all of it was copied into the file
  bool index_rebuilt_ = false;                // the wal-index, by the first client that opened it
  std::array<std::vector<std::uint64_t>, 4> open_;  // of each role, those that have their name
  bool commits_without_journal_ = false;
  std::int64_t paused_until_ms_ = 0;
  int failures_ = 0;                  // in a row
  std::int64_t behind_since_ms_ = 0;  // when capture began to fail; 0 = it does not
  std::string last_error_;

  // Reused for each transaction.
  Buffer scratch_;
  TransactionEncoder encoder_;
  TransactionSums new_checksums_;  // of the transaction that is being captured, or is prepared
  PageList prepared_pages_;
};

}  // namespace litetool
