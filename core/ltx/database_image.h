// The pages of a database as one committed state, read while others may write.
//
// Rollback mode: SQLite's SHARED lock keeps writers from changing the file. WAL mode: the state is
// the file with the committed frames of the log laid over it. A read mark in -shm, held like any
// reader's, keeps checkpoints from passing that state and the log from starting over; where no
// client is connected the log is judged by its checksums, as SQLite's own recovery does. Locks are
// held as long as the object lives; in WAL mode they hinder nobody but a checkpoint.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/ltx/database_lock.h"
#include "core/os/job.h"
#include "formats/base/ids.h"
#include "formats/sqlite/file_header.h"
#include "formats/sqlite/wal_index.h"

namespace litetool {

class DatabaseImage {
 public:
  // kNotFound, kCorrupt (not a database, or shorter than its header says), kTimeout (a writer does
  // not leave), kFailed with what to do (hot journal), kUnsupported (a log too large to overlay).
  static Result<std::unique_ptr<DatabaseImage>> open(const Job& job, const std::string& path,
                                                     std::int64_t timeout_ms);

  std::uint32_t page_size() const { return page_size_; }
  // Database size in pages, the lock page counted.
  Pgno page_count() const { return page_count_; }
  // Frames of the log that belong to the state; 0 outside WAL mode.
  std::uint32_t wal_frames() const { return wal_frames_; }

  // Fills `out` (whole pages) with the pages from `first` on. May be called from several threads.
  Status read_pages(Pgno first, MutableBytes out) const;

  // After the last read: true when what was read is one state. False when a client came in a way
  // that no lock could prevent: open again and repeat.
  Result<bool> confirm() const;

 private:
  DatabaseImage(const Job& job, std::string path, std::unique_ptr<File> file);
  Status start(std::int64_t timeout_ms);
  Status read_header();
  Result<bool> find_wal_state();
  Result<bool> hold_live_mark(const File& shm);
  Result<bool> hold_stale_mark(const File& shm);
  Status overlay_wal(std::uint32_t last_frame, const WalIndexHeader* index);
  void keep_newest_frames();

  const Job job_;
  const std::string path_;
  std::unique_ptr<File> file_;
  std::unique_ptr<File> wal_;  // null when there is none
  std::unique_ptr<File> shm_;  // null when no client can be connected
  DatabaseLock lock_;
  FileHeader header_;
  std::uint32_t page_size_ = 0;
  Pgno page_count_ = 0;
  std::uint32_t wal_frames_ = 0;
  bool without_shm_ = false;            // WAL mode, and nobody is connected
  std::vector<std::uint64_t> overlay_;  // pgno << 32 | frame, ascending, one entry a page
};

}  // namespace litetool
