// The history of a database in a folder that a mount writes, also while it does.
#pragma once

#include <memory>
#include <string>

#include "core/source/history_source.h"

namespace litetool {

// kNotFound when the folder does not exist.
Result<std::unique_ptr<HistorySource>> open_mounted_history(const Job& job,
                                                            const std::string& folder);

}  // namespace litetool
