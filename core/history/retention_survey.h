// What retention has to know of a history, in little memory however long the history is.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/history/retention.h"
#include "core/os/job.h"

namespace litetool {

struct RetentionSurvey {
  std::vector<HistoryFile> files;  // all of them, ascending by `last`
  KeptPoints kept;
  std::uint64_t points = 0;  // before retention has done anything
};

// Looks at the ends of each file in the history folder below `dir`, and at each image of those that
// begin before what is kept in whole. kCorrupt, with the file's name, when one of them cannot be
// read.
Result<RetentionSurvey> survey_history(const Job& job, int dir, const std::string& folder,
                                       const RetentionPolicy& policy, const std::set<Txid>& tagged);

// The files alone. `groups` is what it would be if every point were kept.
Result<std::vector<HistoryFile>> list_history(Env& env, int dir, const std::string& folder);

}  // namespace litetool
