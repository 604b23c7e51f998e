// One transaction on its way from SQLite's files into the history: a value, no state.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "core/capture/page_list.h"
#include "formats/base/bytes.h"
#include "formats/base/ids.h"
#include "formats/base/result.h"
#include "formats/sqlite/wal.h"

namespace litetool {

// Where in a WAL a transaction stands, or all that went into it; zero if it came from none.
struct WalRange {
  std::uint64_t offset = 0;  // of its first frame
  std::uint64_t size = 0;    // bytes
  std::uint32_t salt1 = 0;
  std::uint32_t salt2 = 0;
};

// The frames `first` to `last` of a log.
inline WalRange wal_range(const WalHeader& log, std::uint32_t first, std::uint32_t last) {
  return {log.frame_offset(first), std::uint64_t{last - first + 1} * log.frame_size(),
          static_cast<std::uint32_t>(log.salts >> 32), static_cast<std::uint32_t>(log.salts)};
}

struct Transaction {
  std::uint32_t page_size = 0;
  Pgno commit = 0;  // database size in pages afterwards
  // Written, ascending, <= commit, without the lock page: all that are new or have changed, maybe
  // others.
  PageList pages;
  // The bytes of pages[index], which is `pgno`: a view that is valid until the next call, or
  // `scratch` filled.
  std::function<Result<Bytes>(std::size_t index, Pgno pgno, MutableBytes scratch)> read;
  // Asked once all pages are read: an error takes the transaction back. May be empty.
  std::function<Status()> check;
  WalRange wal;
  // All pages, to begin the history anew: nothing before it is needed to restore it.
  bool base = false;
  // Why it is no single transaction of SQLite's, for the file of marks; empty for one that is.
  std::string mark;
};

}  // namespace litetool
