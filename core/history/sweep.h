// What lies in a history and does not belong there.
#pragma once

#include <functional>
#include <string>

#include "core/history/history_root.h"
#include "core/os/env.h"

namespace litetool {

// Removes the unfinished files of writers that were killed, known by their names, and tells `warn`
// of files and folders that are not the history's own, in one message; those stay as they are.
// Nobody else may be writing the history. What cannot be read is passed over: whoever needs it says
// so.
void sweep_history(Env& env, const HistoryRoot& root,
                   const std::function<void(const std::string&)>& warn);

}  // namespace litetool
