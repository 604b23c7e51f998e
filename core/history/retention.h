// Which points of a history are kept, and what has to be done for it: pure decisions, no effects.
//
// Every transaction is a point for a while, then the last one of each minute, then the last one of
// each hour; what is older goes. Tagged points stay, and so does the newest. Dropping a point means
// that its image is merged into that of the next point that is kept; the oldest kept point becomes
// the base, a snapshot.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "core/history/file_runs.h"
#include "core/history/history_image.h"

namespace litetool {

struct RetentionPolicy {
  static constexpr std::int64_t kHour = 3'600'000;
  std::int64_t every_for_ms = 24 * kHour;        // every transaction
  std::int64_t minutes_for_ms = 7 * 24 * kHour;  // one a minute
  std::int64_t hours_for_ms = 30 * 24 * kHour;   // one an hour
  std::uint64_t size_cap = 0;                    // bytes of one database's history; 0: no cap
  std::int64_t grace_ms = 10 * 60 * 1000;        // replaced files stay for readers that have them
  std::uint64_t file_size = std::uint64_t{64} << 20;  // files are merged up to this size
};

// A file of the history, and what a rewrite would make of it. Times in it never go back.
struct HistoryFile : FileRun {
  std::string name{};
  std::uint64_t size = 0;  // bytes
  std::int64_t modified_ms = 0;
  Pgno commit = 0;       // size of the database after the last, in pages
  bool is_base = false;  // one snapshot in a file of its own: what compaction leaves as the base
  // How many images it would have; and what follows its last point that stays goes into the first
  // image of the next file.
  std::uint64_t groups = 0;
  bool ends_open = false;
};

// `by` holds all that `file` holds, in fewer images or within a longer stretch.
bool replaces(const HistoryFile& by, const HistoryFile& file);
bool is_replaced(const HistoryFile& file, const std::vector<HistoryFile>& files);

// The points to keep. Of a busy database that is nearly every one of the last day: those are not
// listed.
struct KeptPoints {
  std::set<Txid> listed;
  Txid every_from;  // from here on every point is kept; 0: from nowhere on
  std::uint64_t every_count = 0;
  Txid newest;
  std::optional<Txid> oldest_tagged{};

  // What has come since is kept.
  bool contains(Txid point) const;
  std::uint64_t size() const { return listed.size() + every_count; }
  // The oldest one; and one behind `point`, which itself need not be a point if it is not listed.
  std::optional<Txid> oldest() const;
  std::optional<Txid> next(Txid point) const;
};

// Decides which points to keep, as of `now_ms`. Asked from the newest to the oldest.
class KeepRule {
 public:
  // All outlive it.
  KeepRule(const RetentionPolicy& policy, const std::set<Txid>& tagged, std::int64_t now_ms)
      : policy_(policy), tagged_(tagged), now_ms_(now_ms) {}

  // Everything from this time on is kept.
  bool keeps_all_since(std::int64_t timestamp_ms) const;
  // Goes on before points that were not asked about: the oldest of them is of this time.
  void pass(std::int64_t timestamp_ms);
  bool keeps(const HistoryImage& image);

 private:
  std::int64_t bucket_of(std::int64_t timestamp_ms) const;

  const RetentionPolicy& policy_;
  const std::set<Txid>& tagged_;
  const std::int64_t now_ms_;
  std::optional<std::int64_t> bucket_;  // of the point before; nothing: none yet
};

// Whether a group of images that are to become one ends with this one.
bool ends_group(const HistoryImage& image, bool kept);

struct RetentionPlan {
  // The state at this point is to become the base: a snapshot `1-<point>`. 0: none.
  Txid new_base;
  // Runs of neighbouring files, each to become one file. Of their images those are merged whose
  // points are not kept.
  std::vector<std::vector<std::string>> rewrites;
  // Files that others have replaced, in the order in which they are to go.
  std::vector<std::string> removals;
};
// `files`: all closed ones, ascending by `last`. Nothing is removed, and no file is merged into
// another, so that what is left would not follow on from what is before it. Only what is worth its
// I/O is planned: a rewrite that halves the images or gathers small files, a base that frees as
// much as it takes.
RetentionPlan plan_retention(const std::vector<HistoryFile>& files, const RetentionPolicy& policy,
                             const KeptPoints& kept, std::int64_t now_ms);

// The images of one output of a rewrite, a part of all of them: all but the last are merged away.
using ImageGroup = std::span<const HistoryImage>;
// A snapshot inside a history (a new page size, a new beginning) stands alone.
std::vector<ImageGroup> group_images(std::span<const HistoryImage> images, const KeptPoints& kept);

}  // namespace litetool
