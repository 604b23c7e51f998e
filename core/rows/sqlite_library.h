// The SQLite library, where core needs SQLite itself and not just its file format. This folder is
// the one includer of sqlite3.h outside the tests.
#pragma once

#include <string>

#include "formats/base/result.h"

namespace litetool {

// "3.40.1", of the library this process runs with.
std::string sqlite_library_version();

// PRAGMA integrity_check (or quick_check) of a plain database file, opened read-only and immutable,
// so that nothing is created beside it. Success when SQLite says "ok"; kCorrupt with its first
// complaint.
Status check_integrity(const std::string& path, bool quick);

}  // namespace litetool
