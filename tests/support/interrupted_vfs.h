// SQLite's VFS that fails once to remove a journal, which is how a transaction is committed, and
// calls somebody instead.
#pragma once

#include <sqlite3.h>

#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <utility>

namespace litetool::test {

// Called instead of the next removal, once.
inline std::function<void()> g_instead_of_delete;

inline int delete_but_once(sqlite3_vfs*, const char* name, int sync_directory) {
  if (g_instead_of_delete) {
    std::exchange(g_instead_of_delete, nullptr)();
    return SQLITE_IOERR_DELETE;
  }
  sqlite3_vfs* real = sqlite3_vfs_find("unix");
  return real->xDelete(real, name, sync_directory);
}

// True when `sql` fails because its transaction was not committed: `instead` was called.
inline bool fails_to_commit(const std::string& path, const std::string& sql,
                            std::function<void()> instead) {
  static sqlite3_vfs vfs = [] {
    sqlite3_vfs made = *sqlite3_vfs_find("unix");
    made.zName = "unix-interrupted";
    made.xDelete = delete_but_once;
    return made;
  }();
  REQUIRE(sqlite3_vfs_register(&vfs, 0) == SQLITE_OK);
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                          "unix-interrupted") == SQLITE_OK);
  g_instead_of_delete = std::move(instead);
  const bool failed = sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK;
  sqlite3_close(db);
  return failed && !g_instead_of_delete;
}

}  // namespace litetool::test
