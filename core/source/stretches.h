// What can be restored of a history, in stretches: where every transaction can be had, and where
// only some.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/os/job.h"
#include "core/source/point.h"
#include "core/source/steps.h"

namespace litetool {

enum class Grain : std::uint8_t {
  kEvery,      // one step for each transaction
  kRanges,     // steps over several transactions
  kSnapshots,  // states that stand alone, with nothing between them
};
// "every transaction", "ranges", "snapshots".
const char* grain_text(Grain grain);

struct Stretch {
  Grain grain = Grain::kSnapshots;
  Moment first;
  Moment last;
  std::uint64_t points = 0;  // states that can be had, the first and the last counted
};

// `steps` as of find_steps(). Where a stretch does not begin with the last moment of the one
// before it, what lies between them cannot be had.
std::vector<Stretch> find_stretches(std::span<const Step> steps);

// The same of a folder that a mount writes, from the names and ends of its files as far as they
// tell. Nothing where that cannot be told without reading all steps.
Result<std::optional<std::vector<Stretch>>> stretches_of_files(const Job& job,
                                                               const std::string& folder);

}  // namespace litetool
