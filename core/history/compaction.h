// Carries out what retention decided for one history, beside a mount that goes on appending to it.
//
// Everything is written aside, read back, synced and renamed before anything that it replaces is
// removed, and what is replaced stays for a while: readers that have listed it find it. A death at
// any moment leaves a history with every point that was to be kept.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/history/retention.h"
#include "core/os/job.h"

namespace litetool {

struct CompactionPlace {
  int dir = kCwd;      // the folder is relative to it
  std::string folder;  // of one database's history
  // The name of the segment that is appended to, empty if there is none yet; nothing while that is
  // not known, and then nothing is removed. Null: nobody appends.
  std::function<std::optional<std::string>()> open_segment;
};

struct CompactionReport {
  std::size_t files_written = 0;
  Txid new_base;  // 0: it is where it was
  std::size_t files_removed = 0;
  std::uint64_t bytes_removed = 0;
};

// One round. kCorrupt, with the file's name, when one of the files cannot be read.
Result<CompactionReport> compact_history(const Job& job, const CompactionPlace& place,
                                         const RetentionPolicy& policy);

// Whether a point of a history will be there when the files that others have replaced are gone.
Result<bool> point_lasts(Env& env, const CompactionPlace& place, Txid point);

// What a round would do, and the points that it would keep; for dry runs.
struct CompactionOutlook {
  std::vector<HistoryFile> files;  // those that are not appended to
  std::set<Txid> tagged;
  KeptPoints kept;
  std::uint64_t points = 0;  // as they are now, also those in the file that is appended to
  RetentionPlan plan;
};
Result<CompactionOutlook> look_ahead(const Job& job, const CompactionPlace& place,
                                     const RetentionPolicy& policy);

}  // namespace litetool
