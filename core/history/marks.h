// The transactions that capture had to infer, and why: the file `marks` in a database's history
// folder, one line for each, "TXID WHY".
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/os/env.h"
#include "formats/base/ids.h"

namespace litetool {

// That much of the file is read, in bytes, from its end: about a million marks.
constexpr std::uint64_t kMaxMarksSize = std::uint64_t{64} << 20;

// The newest ones; none when there is no file. Lines that are none are passed over.
Result<std::map<Txid, std::string>> read_marks(Env& env, int dir, const std::string& folder);

// Drops those of transactions before `first`, once they are half of the file. Nobody may add one
// meanwhile.
Status forget_marks_before(Env& env, int dir, const std::string& folder, Txid first);

}  // namespace litetool
