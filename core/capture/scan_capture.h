// Capture by comparing page checksums: which pages of a database are not as the history has them.
#pragma once

#include <vector>

#include "core/capture/committed_view.h"
#include "core/capture/page_checksums.h"
#include "core/capture/transaction.h"
#include "core/os/job.h"

namespace litetool {

// Reads every page, with the job's threads; memory does not depend on the size of the database.
Result<PageChecksums> checksums_of(const Job& job, const CommittedView& view);

// Of `candidates`, those whose checksum is not the one in `known`.
Result<std::vector<Pgno>> pages_that_differ(const CommittedView& view, const PageList& candidates,
                                            const PageChecksums& known);

// A transaction of these pages. The view outlives it.
Transaction transaction_of(const CommittedView& view, PageList pages);

}  // namespace litetool
