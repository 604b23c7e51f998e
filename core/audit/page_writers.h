// Which transaction wrote a page last.
#pragma once

#include <map>
#include <span>

#include "core/os/job.h"
#include "core/source/image_chain.h"

namespace litetool {

// For each of `pages` (ascending) the last TXID of the newest image of the chain that holds it:
// the transaction, or the end of the range that has it. Pages that no image holds are left out.
// Reads frames, decodes none, and goes back no further than needed.
Result<std::map<Pgno, Txid>> last_writers(const Job& job, const ImageChain& chain,
                                          std::span<const Pgno> pages);

}  // namespace litetool
