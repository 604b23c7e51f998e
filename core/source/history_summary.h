// A history in a few numbers, for people who ask how things stand.
#pragma once

#include <optional>
#include <string>

#include "core/history/history_image.h"
#include "core/os/env.h"

namespace litetool {

struct HistorySummary {
  // The oldest that can be restored.
  struct First {
    Txid max_txid;
    std::int64_t timestamp_ms;
  };
  std::uint64_t images = 0;  // a range that compaction has merged is one
  std::uint64_t bytes = 0;   // of the files with images
  std::optional<First> first;
  std::optional<HistoryImage> last;
  std::uint64_t marked = 0;       // transactions that capture had to infer
  std::uint64_t quarantined = 0;  // pieces that could not be trusted
};

// At what of the history to look: at the ends of its files, which takes no longer for a million
// transactions than for ten, or at the head of every image.
enum class Look : std::uint8_t { kEnds, kEveryImage };

// Of the history in a folder, an absolute path. kCorrupt when what is looked at cannot be read.
Result<HistorySummary> summarize_history(Env& env, const std::string& folder, Look look);

}  // namespace litetool
