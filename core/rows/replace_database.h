// The content of a database in use replaced by that of another, as one transaction.
#pragma once

#include <cstdint>
#include <string>

#include "core/os/job.h"

namespace litetool {

// Copies the plain database file `from`, which nobody uses, over the database `path` through
// SQLite: clients of `path` see the old state or the new one. Its journal mode stays. kTimeout when
// others do not let go of it within `timeout_ms`; kUnsupported when the page sizes differ and
// `path` is in WAL mode; kNotFound.
Status replace_database(const Job& job, const std::string& from, const std::string& path,
                        std::int64_t timeout_ms);

// Runs a script of SQL in a new database file. Other files are out of its reach. kFailed with
// SQLite's message and the statement's line.
Status run_script(const Job& job, const std::string& path, std::string_view sql);

}  // namespace litetool
