// Which part of which database a file is, by SQLite's naming rule.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace litetool {

enum class FileRole : std::uint8_t {
  kDatabase,  // any name without one of the suffixes: a database if its content says so
  kWal,       // X-wal
  kShm,       // X-shm
  kJournal,   // X-journal
};

struct FileName {
  FileRole role;
  std::string_view database;  // "app.db" for "app.db-wal"; a view into the argument
};

// Works on names and on paths.
FileName classify_file(std::string_view name);

}  // namespace litetool
