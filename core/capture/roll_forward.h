// After the daemon was killed: the transactions that stand in the WAL and not yet in the history.
#pragma once

#include <optional>
#include <string>

#include "core/capture/committed_view.h"
#include "core/capture/page_checksums.h"
#include "core/history/history.h"

namespace litetool {

// What is known about a database that may be ahead of its history.
struct Ahead {
  const CommittedView& view;      // the database as SQLite sees it
  const PageChecksums& actual;    // of all its pages
  const History& history;         // not empty, and not at a drop
  const PageChecksums& captured;  // of all pages at the end of the history
  Pgno most_pages;                // of what can be captured
};

// Where in the WAL the first transaction begins that the history lacks, if those up to the view's
// end lead from the history exactly to the database. Nothing when they do not: something else
// happened too. Reads the WAL of the database `path`, changes nothing.
Result<std::optional<WalState>> transactions_to_come(Env& env, int dir, const std::string& path,
                                                     const Ahead& ahead);

}  // namespace litetool
