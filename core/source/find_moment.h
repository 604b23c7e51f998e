// The moment that is meant in a history that a mount writes, without listing all of it.
#pragma once

#include <optional>
#include <string>

#include "core/os/job.h"
#include "core/source/find_source.h"
#include "core/source/point.h"

namespace litetool {

struct FoundMoment {
  Moment moment;
  std::optional<Moment> next;  // the one behind it; nothing for the newest
};

// Of any history, with the errors of open_source() and resolve_in(). Where the files of one tell
// which of them has the moment, only that one is read.
Result<FoundMoment> find_moment(const Job& job, const SourcePlace& place, const Point& point,
                                const Now& now);

}  // namespace litetool
