// Which points of a history are kept, and what has to be done for it: pure decisions, no effects.
//
// Every transaction is a point for a while, then the last one of each minute, then the last one of
// each hour; what is older goes. Tagged points stay, and so does the newest. Dropping a point means
// that its image is merged into that of the next point that is kept; the oldest kept point becomes
// the base, a snapshot.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

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

// A file of the history that is not written any more.
struct ClosedFile {
  std::string name;
  std::uint64_t size = 0;
  std::int64_t modified_ms = 0;
  std::vector<HistoryImage> images;  // in order; not empty

  // The first and the last point in it.
  Txid first() const { return images.front().max_txid; }
  Txid last() const { return images.back().max_txid; }
  // One snapshot in a file of its own: what compaction leaves as the base.
  bool is_base() const;
};

// Whether a point is an image of its own in a file that no other has replaced: what was merged away
// can be had until the file goes, but not for good.
bool point_lasts(const std::vector<ClosedFile>& files, Txid point);

// The points to keep of `images` (ascending), as of `now_ms`.
std::set<Txid> points_to_keep(const std::vector<HistoryImage>& images,
                              const RetentionPolicy& policy, const std::set<Txid>& tagged,
                              std::int64_t now_ms);

struct RetentionPlan {
  // The state at this point is to become the base: a snapshot `1-<point>`. 0: none.
  Txid new_base;
  // Runs of neighbouring files, each to become one file. Of their images those are merged whose
  // points are not kept.
  std::vector<std::vector<std::string>> rewrites;
  // Files that others have replaced, in the order in which they are to go.
  std::vector<std::string> removals;
};
// `files`: all closed ones, ascending by last(). Only what is worth its I/O is planned: a rewrite
// that halves the images or gathers small files, a base that frees as much as it takes.
RetentionPlan plan_retention(const std::vector<ClosedFile>& files, const RetentionPolicy& policy,
                             const std::set<Txid>& kept, std::int64_t now_ms);

// The images of one output of a rewrite: all but the last are merged away.
using ImageGroup = std::vector<HistoryImage>;
// A snapshot inside a history (a new page size, a new beginning) stands alone.
std::vector<ImageGroup> group_images(const std::vector<HistoryImage>& images,
                                     const std::set<Txid>& kept);

}  // namespace litetool
