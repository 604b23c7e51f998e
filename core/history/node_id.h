// The file "node": the number by which the images of a mount tell who made them.
#pragma once

#include "core/history/history_root.h"
#include "core/os/env.h"

namespace litetool {

// Made at random the first time.
Result<std::uint64_t> load_node_id(Env& env, const HistoryRoot& root);

}  // namespace litetool
