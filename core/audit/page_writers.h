// Which transaction wrote a page last.
#pragma once

#include <map>
#include <span>
#include <vector>

#include "core/ltx/image_ref.h"
#include "core/os/job.h"

namespace litetool {

// For each of `pages` (ascending) the last TXID of the newest image of the chain that holds it:
// the transaction, or the end of the range that has it. Pages that no image holds are left out.
// `chain`: oldest first. Reads frames, decodes none, and goes back no further than needed.
Result<std::map<Pgno, Txid>> last_writers(const Job& job, const std::vector<ImageRef>& chain,
                                          std::span<const Pgno> pages);

}  // namespace litetool
