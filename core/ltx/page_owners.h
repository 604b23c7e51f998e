// Which table or index the pages of an image belong to, where a whole database can be had.
#pragma once

#include <string>

#include "core/os/job.h"
#include "formats/ltx/detect.h"
#include "formats/sqlite/page_map.h"

namespace litetool {

// Of a snapshot: its pages are written to a temporary file in `temp_dir` for the time of the walk.
Result<PageMap> owners_in_snapshot(const Job& job, const ByteSource& source, std::uint64_t offset,
                                   ltx::Extent extent, const std::string& temp_dir);

// Of a database file.
Result<PageMap> owners_in_database(const ByteSource& file);

}  // namespace litetool
