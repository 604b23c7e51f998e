// A state of a database as a script of SQL that makes it again.
#pragma once

#include "core/os/job.h"
#include "core/past/page_source.h"
#include "formats/base/byte_source.h"

namespace litetool {

// The script makes a database of the same content in a new file: schema, rows with their row ids
// where SQL can name them, encoding, page size, user_version and application_id. Run by SQLite's
// shell or `litetool import`. kCorrupt for pages that are damaged.
Status export_sql(const Job& job, PageSource& pages, ByteSink& sink);

}  // namespace litetool
