// The steps of a history one by one, the newest first, without reading more of it than that takes.
#pragma once

#include <memory>
#include <optional>

#include "core/source/find_source.h"
#include "core/source/history_source.h"
#include "core/source/steps.h"

namespace litetool {

class StepWalk {
 public:
  virtual ~StepWalk() = default;
  // The next older step; nothing before the oldest. kCorrupt where a file cannot be walked.
  virtual Result<std::optional<Step>> next() = 0;
};

// Errors as of open_source(). Of a history of litetool's own a file is read when it is reached, and
// those that only have later steps than `newest` are passed over; others are listed as a whole.
Result<std::unique_ptr<StepWalk>> walk_steps(const Job& job, const SourcePlace& place,
                                             Txid newest = kLastTxid);

}  // namespace litetool
