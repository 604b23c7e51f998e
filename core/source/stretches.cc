#include "core/source/stretches.h"

namespace litetool {
namespace {

Moment moment_of(const Step& step) {
  return {step.txid(), step.time_ms};
}

Grain grain_of(const Step& step) {
  if (!step.from) return Grain::kSnapshots;
  return step.is_range() ? Grain::kRanges : Grain::kEvery;
}

}  // namespace

const char* grain_text(Grain grain) {
  switch (grain) {
    case Grain::kEvery:
      return "every transaction";
    case Grain::kRanges:
      return "ranges";
    case Grain::kSnapshots:
      break;
  }
  return "snapshots";
}

std::vector<Stretch> find_stretches(std::span<const Step> steps) {
  std::vector<Stretch> stretches;
  for (const Step& step : steps) {
    const Moment moment = moment_of(step);
    const Grain grain = grain_of(step);
    Stretch* const last = stretches.empty() ? nullptr : &stretches.back();
    if (last == nullptr || (grain == Grain::kSnapshots && last->grain != grain)) {
      stretches.push_back({Grain::kSnapshots, moment, moment, 1});
    } else if (last->grain == grain) {
      last->last = moment;
      last->points += 1;
    } else if (last->points == 1) {
      // A snapshot from which others lead on.
      *last = {grain, last->first, moment, 2};
    } else {
      stretches.push_back({grain, last->last, moment, 2});
    }
  }
  return stretches;
}

}  // namespace litetool
