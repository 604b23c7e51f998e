// Rebuilding a database from a replica of Litestream 0.3.
#pragma once

#include <string>

#include "core/os/job.h"
#include "core/restore/restore.h"
#include "core/source/litestream_v3.h"

namespace litetool {

struct RestoredV3 {
  std::uint32_t page_size = 0;
  Pgno pages = 0;
};

// Writes what the snapshot and the logs of the plan yield to `output`, with the promises of
// restore_database(); the proof is that of the files: LZ4 content checksums, and the checksums of
// the log's frames. Transactions that a log does not finish are left out, as by SQLite.
// kBrokenChain, with the names, when a piece of a log is missing; kCorrupt for damaged files.
Result<RestoredV3> restore_v3(const Job& job, const V3Plan& plan, const std::string& output,
                              const RestoreOptions& options);

}  // namespace litetool
