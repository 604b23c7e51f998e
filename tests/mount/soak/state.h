// What a database holds, page by page: the yardstick that a history is compared with.
#pragma once

#include <sqlite3.h>

#include <string>
#include <vector>

#include "formats/base/bytes.h"

namespace litetool::soak {

// CRC of each page in order; no pages: the database is empty or not there.
struct State {
  std::uint32_t page_size = 0;
  std::vector<std::uint64_t> pages;

  bool operator==(const State&) const = default;
  // Of everything above.
  std::uint64_t digest() const;
};

State state_of(Bytes image, std::uint32_t page_size);

// As SQLite sees it in a read transaction of this connection, which should be one that never
// writes: a writer's cache keeps pages of the freelist that it never wrote.
// Throws SqlError.
State read_by_sqlite(sqlite3* connection);

// As the files say, read by a process of its own (closing a database file drops all locks that its
// process has on it): the file, and over it the committed frames of its WAL. For a database that
// only its EXCLUSIVE owner can read. Throws std::runtime_error.
State read_files(const std::string& path);

}  // namespace litetool::soak
