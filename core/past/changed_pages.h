// The pages in which two states of a database differ.
#pragma once

#include <vector>

#include "core/os/job.h"
#include "core/past/past_database.h"

namespace litetool {

// Ascending; those that only one of the states has included. States of one history are compared by
// the images that they do not share, any others page by page. Two page sizes: every page.
Result<std::vector<Pgno>> changed_pages(const Job& job, PastDatabase& before, PastDatabase& after);
Result<std::vector<Pgno>> changed_pages(const Job& job, PageSource& before, PageSource& after);
// Of states of which it is known that no other pages than `written`, ascending, may differ, and
// those that only one has.
Result<std::vector<Pgno>> changed_pages(const Job& job, PageSource& before, PageSource& after,
                                        const std::vector<Pgno>& written);

// `first` to `last`; none where that is before it.
std::vector<Pgno> pages_between(Pgno first, Pgno last);

}  // namespace litetool
