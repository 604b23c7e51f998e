// After a power cut: SQLite may have lost commits that the history kept, because WAL mode promises
// no more without a sync. A database that stands exactly at an earlier point is brought forward to
// the end of its history, so that nothing vanishes that was seen.
#pragma once

#include <optional>
#include <string>

#include "core/capture/committed_view.h"
#include "core/capture/page_checksums.h"
#include "core/history/history.h"

namespace litetool {

// Changes the database `path` below `dir` under a rollback journal of its own: whenever it is
// interrupted, SQLite finds the state from before, and the next start does it again. Nobody may
// have the database open. `view` is what SQLite would see now, `actual` the checksums of its pages.
// Returns the page checksums at the end of the history; nothing, and nothing changed, when the
// database stands at no earlier point of it.
Result<std::optional<PageChecksums>> bring_forward(Env& env, int dir, const std::string& path,
                                                   const CommittedView& view,
                                                   const PageChecksums& actual,
                                                   const History& history);

}  // namespace litetool
