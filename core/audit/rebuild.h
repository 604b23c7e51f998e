// The deepest proof of a chain: build its database and look whether it is one.
#pragma once

#include <span>
#include <string>

#include "core/audit/chain.h"
#include "core/os/job.h"

namespace litetool {

struct RebuildOptions {
  std::string temp_dir;  // for the database; it is gone when this returns
};

// Applies the images of a sorted chain that was found whole, from its first snapshot on; a later
// snapshot is used only where nothing else leads on. After each image the database checksum is
// compared with its post-apply, at the end the file's own checksum too, and PRAGMA integrity_check
// must say ok. False when the chain has no snapshot. kCorrupt or kBrokenChain, with the file's name
// in the message, for what is wrong; errors of the disk come through.
Result<bool> rebuild_chain(const Job& job, std::span<const ChainLink> links,
                           const RebuildOptions& options);

}  // namespace litetool
