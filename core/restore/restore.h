// Rebuilding a database as it was at a transaction of its history.
#pragma once

#include <string>

#include "core/history/history_reader.h"
#include "core/os/env.h"

namespace litetool {

struct Restored {
  HistoryImage point;            // what was restored
  std::uint64_t size_bytes = 0;  // of the database
  std::size_t images = 0;        // in the chain that it was made from
};

// Writes the database at `point` to `output`, which appears complete and verified against the
// history's checksum, or not at all. `replace` false: kExists when it is there. kNotFound where the
// database had been dropped at that point.
Result<Restored> restore_database(Env& env, const HistoryReader& history, const HistoryImage& point,
                                  const std::string& output, bool replace);

}  // namespace litetool
