// The transactions that capture had to infer, and why: the file `marks` in a database's history
// folder, one line for each, "TXID WHY".
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/os/env.h"
#include "formats/base/ids.h"

namespace litetool {

// Of the file; more than litetool ever writes.
constexpr std::uint64_t kMaxMarksSize = std::uint64_t{64} << 20;

// None when there is no file; lines that are none are passed over.
Result<std::map<Txid, std::string>> read_marks(Env& env, int dir, const std::string& folder);

}  // namespace litetool
