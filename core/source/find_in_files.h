// The moment that is meant in a history that a mount writes, without listing all of it.
#pragma once

#include <optional>
#include <string>

#include "core/source/history_source.h"

namespace litetool {

// As of HistorySource::find(), but not for tags. Where the names, heads and ends of the files tell
// which of them has the moment, only that one is read; nothing where they do not tell.
Result<std::optional<FoundMoment>> find_in_files(const Job& job, const std::string& folder,
                                                 const Point& point, const Now& now);

}  // namespace litetool
