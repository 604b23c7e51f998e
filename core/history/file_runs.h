// Which transactions the files of a history hold, by their names, heads and ends: without walking
// through them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/history/history_image.h"
#include "core/os/env.h"

namespace litetool {

struct FileRun {
  std::string path;  // relative to the directory
  Txid start;        // first TXID that it is about; where it begins with a snapshot, `first`
  Txid first;        // last TXIDs of its first and of its last image
  Txid last;
  std::uint64_t images = 0;
  std::int64_t first_time_ms = 0;
  bool begins_with_snapshot = false;
  bool begins_with_range = false;  // of several transactions up to `first`

  // Every transaction from `first` to `last` is a point.
  bool is_every() const { return last.value - first.value + 1 == images; }
};

// What the name of one file in the folder and its ends say; no images where none is finished.
// kCorrupt, with the path, where its beginning or its end cannot be read.
Result<FileRun> read_file_run(Env& env, int dir, const std::string& folder,
                              const std::string& name);

// The files in a history folder below `dir`, ascending, each following on from the one before it.
// Nothing where that is not so: files overlap for a while after some of them were merged.
Result<std::optional<std::vector<FileRun>>> find_file_runs(Env& env, int dir,
                                                           const std::string& folder);

}  // namespace litetool
