// A database as SQLite would see it now, read from its files: the committed frames of its WAL, or
// the old pages of a hot journal, over the file itself.
//
// Made for comparing whole databases: at start, and where capture could not follow. The caller
// makes sure that nobody writes meanwhile (or compares again).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/os/env.h"
#include "formats/sqlite/wal.h"

namespace litetool {

class CommittedView {
 public:
  // The file with its companions, or the file alone: what it holds when its journal is about to be
  // finalised.
  enum class Read : std::uint8_t { kAll, kFileOnly };

  // Reads `path` below `dir`. All WAL frames with a valid commit behind them count, up to the frame
  // `published` where it is given. kNotFound when there is no file, kUnsupported when it is no
  // SQLite database.
  static Result<CommittedView> open(Env& env, int dir, const std::string& path,
                                    Read read = Read::kAll,
                                    std::optional<WalState> published = std::nullopt);

  std::uint32_t page_size() const { return page_size_; }
  Pgno commit() const { return commit_; }

  // The page, filled up with zeros where the file ends early.
  Status read(Pgno pgno, MutableBytes page) const;
  // As many pages from `first` on as `pages` holds. From any thread.
  Status read_run(Pgno first, MutableBytes pages) const;
  // The pages that do not come from the file itself, ascending.
  std::vector<Pgno> overlaid() const;

  // Pages in the file, and those of the log: there are no more, but for some that were never
  // written.
  std::uint64_t pages_there() const { return file_size_ / page_size_ + overlay_.size(); }

  // The WAL: null without one; where its committed part ends.
  bool has_wal() const { return wal_header_.has_value(); }
  const WalHeader& wal_header() const { return *wal_header_; }
  const WalState& wal_end() const { return wal_end_; }
  // The database file itself.
  const File& file() const { return *file_; }
  // A journal that the next client will play back.
  bool hot_journal() const { return hot_journal_; }

 private:
  CommittedView() = default;
  Status read_header();
  Status overlay_wal(Env& env, int dir, const std::string& path,
                     const std::optional<WalState>& published);
  Status overlay_journal(Env& env, int dir, const std::string& path);

  std::unique_ptr<File> file_;
  std::uint64_t file_size_ = 0;
  std::unique_ptr<File> companion_;                  // WAL or journal
  std::unordered_map<Pgno, std::uint64_t> overlay_;  // page -> offset in the companion
  std::uint32_t page_size_ = 0;
  Pgno commit_ = 0;
  std::optional<WalHeader> wal_header_;
  WalState wal_end_;
  bool hot_journal_ = false;
};

// True when a journal beside the database would be played back by the next client: its header is
// live, and its super-journal, if it names one, still exists.
Result<bool> journal_is_hot(Env& env, int dir, const std::string& database_path);

}  // namespace litetool
