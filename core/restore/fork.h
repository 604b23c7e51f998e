// A new database that starts as another one was at a point of its history.
#pragma once

#include <string>

#include "core/restore/restore.h"

namespace litetool {

struct Fork {
  Checksum checksum;
  // The output was made from the blocks of the live file, less the pages that differ.
  bool shares_blocks = false;
  Pgno written = 0;  // pages that do not share their blocks
};

// Writes the database to `output`, with the promises of restore_database(). Where the file system
// can, all pages that are the same in the file `live` share its blocks and take no space; every one
// is compared with the history, so that `live` may be in use, in any state, or missing.
Result<Fork> fork_database(const Job& job, const RestorePlan& plan, const std::string& live,
                           const std::string& output, RestoreCheck check);

}  // namespace litetool
