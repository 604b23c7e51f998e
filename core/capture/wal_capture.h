// Capture in WAL mode: the frames that SQLite has committed since the last look, cut at commits.
//
// A frame counts once the wal-index publishes it (mxFrame). Where no client has a wal-index open
// (EXCLUSIVE locking) every valid commit frame counts, as it does for SQLite's own recovery. Salts
// and checksum chain of every frame are checked, because the log may be restarted between two
// reads. State is kept only up to the last commit.
//
// Not thread-safe: the database's capture lock guards it.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/capture/transaction.h"
#include "core/os/env.h"
#include "formats/sqlite/wal.h"
#include "formats/sqlite/wal_index.h"

namespace litetool {

// Reads a file that clients map, by its path, as they see it; fewer bytes at its end.
using ReadShared = std::function<Result<std::size_t>(const std::string& path, MutableBytes into,
                                                     std::uint64_t offset)>;

class WalCapture {
 public:
  // What a look found.
  enum class Outcome : std::uint8_t {
    kDone,  // captured up to what is published, maybe nothing
    kGap,   // frames were overwritten before they were captured: compare the whole database
  };
  // Takes one transaction; the pages are valid until it returns.
  using Emit = std::function<Status(const Transaction&)>;

  // A log that makes the database larger than `most_pages` is an error when it is looked at.
  WalCapture(Env& env, int dir, std::string database_path, Pgno most_pages)
      : env_(&env), dir_(dir), path_(std::move(database_path)), most_pages_(most_pages) {}

  // Looks, and emits every new transaction. `old_commit` is the size of the database in the
  // history; `shared_index` says that a client has the wal-index open.
  Result<Outcome> capture(bool shared_index, Pgno old_commit, const Emit& emit);
  // Looks no further than to frame `last`, whatever an index says.
  Result<Outcome> capture_until(std::uint32_t last, Pgno old_commit, const Emit& emit);
  // Where the wal-index says that the log ends; nothing where nobody has one, or it says nothing.
  Result<std::optional<WalState>> published(bool shared_index);
  // Published frames not captured yet: cheap, and a guess while clients write.
  std::uint32_t backlog(bool shared_index);

  // The log may be restarted from now on. That is a gap unless the last look captured everything.
  void close_generation() { closed_at_ = complete_ ? state_ : kNeverClosed; }
  // Goes on behind `state`, after the database was read as a whole.
  void resume(const WalState& state) {
    state_ = state;
    closed_at_ = state;
    header_.reset();
  }
  const WalState& state() const { return state_; }

  // How the wal-index is read; empty: from the file beneath, which has what clients store at once.
  void read_index_with(ReadShared read) { read_shared_ = std::move(read); }

  // How many frames the look takes that a thread is at, 0 when none is. From any thread.
  std::uint32_t frames_at_work() const { return frames_at_work_; }

  // The files may have been replaced: opened again at the next look.
  void forget_wal() { wal_.reset(); }
  void forget_shm() { shm_.reset(); }
  void moved_to(std::string database_path);

 private:
  static constexpr WalState kNeverClosed{0, UINT32_MAX, {}};

  // One frame of the transaction being put together.
  struct Place {
    Pgno pgno;
    std::uint32_t frame;
  };

  struct Published {
    std::uint32_t frame = 0;  // last published; UINT32_MAX where nothing limits
    std::optional<WalIndexHeader> index;
  };
  Result<std::optional<Published>> look_at_index(bool shared_index);
  Result<std::size_t> read_index(MutableBytes into);
  Result<bool> log_has_grown();
  Result<bool> open_wal();
  Result<bool> load_header();
  Result<bool> still_in_place() const;
  Result<Outcome> follow_generation(const Published& published, bool& ready);
  Result<Outcome> catch_up(const Published& published, Pgno old_commit, const Emit& emit);
  Result<Outcome> read_frames(const Published& published, Pgno old_commit, const Emit& emit);
  Result<bool> accept(const WalFrame& frame, const Published& published, WalState& walk);
  // Of the frames up to that one, which `places` is used up for.
  Status emit_transaction(std::vector<Place>& places, const WalFrame& commit_frame, Pgno old_commit,
                          const Emit& emit);
  void keep_newest(std::vector<Place>& places, Pgno commit) const;
  Status add_unlogged(std::vector<Place>& places, Pgno old_commit,
                      const WalFrame& commit_frame) const;
  Status find_older_frames(std::vector<Place>& places, std::uint32_t first) const;
  Result<Bytes> page_of(Place place, MutableBytes scratch) const;
  Result<Bytes> unlogged_page(Pgno pgno, std::unique_ptr<File>& file, MutableBytes scratch) const;

  Env* env_;
  int dir_;
  std::string path_;
  Pgno most_pages_;
  std::unique_ptr<File> wal_;
  std::unique_ptr<File> shm_;
  ReadShared read_shared_;
  std::optional<WalHeader> header_;  // of the generation that state_ is in
  WalState state_;                   // after the last captured transaction
  WalState closed_at_;
  bool complete_ = true;  // the last look left nothing behind
  std::uint32_t n_backfill_ = 0;
  std::atomic<std::uint32_t> frames_at_work_ = 0;
  Buffer buffer_;  // frames as read
  std::uint32_t first_buffered_ = 0;
  std::size_t buffered_ = 0;  // bytes
};

}  // namespace litetool
