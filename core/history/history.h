// The history of one database, as the mount writes it: its end, and appending to it.
//
// Images are appended to the open segment; commits never create, rename or unlink a file, except
// for a new segment each kSegmentSize bytes. Not thread-safe: the database's capture lock guards
// it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/history/history_image.h"
#include "core/history/history_reader.h"
#include "core/history/redo_log.h"
#include "core/history/segment_writer.h"
#include "core/os/env.h"
#include "core/os/fingerprint.h"
#include "formats/ltx/encoder.h"

namespace litetool {

class History {
 public:
  // How it was left when it was last at work.
  struct Before {
    FileFingerprint newest_file = {};  // see newest_file(); default: that was no clean stop
    bool machine_restarted = false;    // since then
  };
  // Opens the history in `folder` below the directory `dir`, both outliving it. A torn tail of the
  // last segment is moved to quarantine/. A missing folder is an empty history; it is made when the
  // first image is appended. `warn` hears of what was put aside. The last image is verified, unless
  // its file is still as it was; all of the open segment where the machine went down, because of
  // what was not synced then any part may be missing.
  static Result<History> open(Env& env, int dir, std::string folder, std::uint64_t node_id,
                              const std::function<void(const std::string&)>& warn,
                              const Before& before);

  // No transaction yet.
  bool empty() const { return !last_.has_value(); }
  // The end of the history; TXID 0 and the checksum of nothing when it is empty.
  Pos pos() const { return last_ ? last_->pos() : Pos{Txid{}, kEmptyDatabase}; }
  Pgno commit() const { return last_ ? last_->commit : 0; }
  std::uint32_t page_size() const { return last_ ? last_->page_size : 0; }
  // Header of the last image; null when empty.
  const ltx::Header* last_header() const { return last_ ? &last_header_ : nullptr; }
  const std::string& folder() const { return folder_; }
  // All of its images so far, to be read.
  Result<HistoryReader> reader() const { return HistoryReader::open(*env_, dir_, folder_); }
  // The file with the end of the history, as it is once everything is synced.
  Result<FileFingerprint> newest_file() const;
  // Name of the segment that is appended to, or will be; empty: a new one is begun.
  const std::string& appended_segment() const { return segment_; }

  // Appends the image of the next transaction. `header` needs page_size, commit and the WAL fields;
  // the rest is filled in. `pages` adds the pages and returns the database checksum after them.
  // With `whole` the image holds all pages and stands for everything from TXID 1 on. `why` marks
  // one that is not a transaction of SQLite's own: before its image is in the file the mark is on
  // the disk. After an error the history must be opened again.
  using AddPages = std::function<Result<Checksum>(ltx::Encoder&)>;
  Status append(ltx::Header header, bool whole, const AddPages& pages, const std::string& why = "");

  // The same for a transaction of rollback mode that SQLite may still take back: appends its image
  // as a *prepared* one (see prepared_image.h), which is no transaction, and pos() stays. There is
  // one at most, at the end; appending anything else discards it.
  Status prepare(ltx::Header header, bool whole, const AddPages& pages);
  // Where the history will end when the prepared image is confirmed; nothing when there is none.
  // One that a killed daemon left is found when the history is opened: confirm it if the database
  // is in exactly that state, else discard it.
  std::optional<Pos> prepared() const {
    return prepared_ ? std::optional<Pos>(prepared_->image.pos()) : std::nullopt;
  }
  // The database after it: its size in pages, and their size.
  Pgno prepared_commit() const { return prepared_ ? prepared_->image.commit : 0; }
  std::uint32_t prepared_page_size() const { return prepared_ ? prepared_->image.page_size : 0; }
  // Makes it a transaction: one byte, written in place and not synced. Where a power cut undoes
  // that, the image is still there, prepared.
  Status confirm();
  // Cuts it off; does nothing where there is none.
  Status discard();

  // Everything appended is in the file; is on the disk. When these fail nothing is known about the
  // images since the last success: open the history again.
  Status flush();
  Status sync();
  // What sync() then has less to do for, if the caller, in between, syncs the file that it is told
  // of, while others use this history.
  Result<SegmentWriter::Ahead> begin_sync();
  void synced(const SegmentWriter::Ahead& ahead);
  // The same as sync(), once the file `database` is synced, which must come before anything that
  // counts on it.
  Status sync_with(const File& database);

  // Everything is synced, and the file that sync_with() works with is gone; rest(): if that was not
  // called since the last rest().
  Status end_redo_log();
  Status rest();

  // What is appended from now on goes to a new segment. Discards what is prepared.
  Status close_segment();

  // Notes why a transaction is not one of SQLite's own.
  Status mark(Txid txid, const std::string& why);
  // Takes back what was noted of transactions that then did not come, when somebody died.
  Status forget_marks_beyond_end();

  // Takes away the folder of a history that never got an image; does nothing where there is more.
  void remove_if_empty();

  // The folder has been renamed.
  void moved_to(std::string folder) { folder_ = std::move(folder); }

 private:
  History(Env& env, int dir, std::string folder, std::uint64_t node_id)
      : env_(&env), dir_(dir), folder_(std::move(folder)), node_id_(node_id) {}

  struct Image {
    HistoryImage image;
    ltx::Header header;
  };

  Status find_end(const std::function<void(const std::string&)>& warn, const Before& before);
  Status begin_segment_for(Txid first);
  Status open_segment();
  void complete(ltx::Header& header, bool whole) const;
  Result<bool> log_for_redo(const File& database);
  void drop_redo_log();
  // Has `write` encode an image into the segment; takes back what it wrote when it fails.
  template <typename Write>
  Result<Image> add_image(const ltx::Header& header, Write write);

  // A segment is closed when it has this size or age; compaction works on closed ones.
  static constexpr std::uint64_t kSegmentSize = std::uint64_t{64} << 20;
  static constexpr std::int64_t kSegmentAgeMs = 24 * 3'600'000;

  Env* env_;
  int dir_;
  std::string folder_;
  std::uint64_t node_id_;
  std::optional<HistoryImage> last_;
  ltx::Header last_header_;
  std::optional<Image> prepared_;
  std::string segment_;  // name of the segment to append to; empty: a new one is begun
  std::int64_t segment_began_ms_ = 0;
  std::unique_ptr<SegmentWriter> writer_;
  std::optional<RedoLog> redo_;
  int syncs_ = 0;      // that it would have saved
  bool used_ = false;  // since the last rest()
};

}  // namespace litetool
