// A history in a few numbers, for people who ask how things stand.
#pragma once

#include <optional>
#include <string>

#include "core/history/history_image.h"
#include "core/os/env.h"

namespace litetool {

struct HistorySummary {
  std::uint64_t images = 0;  // a range that compaction has merged is one
  std::uint64_t bytes = 0;   // of the files with images
  std::optional<HistoryImage> first;
  std::optional<HistoryImage> last;
  std::uint64_t marked = 0;       // transactions that capture had to infer
  std::uint64_t quarantined = 0;  // pieces that could not be trusted
};

// Of the history in a folder, an absolute path. kCorrupt when it cannot be walked.
Result<HistorySummary> summarize_history(Env& env, const std::string& folder);

}  // namespace litetool
