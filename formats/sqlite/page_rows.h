// The rows on some pages of a b-tree, without the rest of it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "formats/sqlite/btree_cursor.h"

namespace litetool {

// Bounded on any input, as BtreeCursor: no more payload in all than the database has room for.
class PageRows {
 public:
  // Pages of one b-tree, each once, in the order they are to be read. `view` outlives the object.
  PageRows(const DatabaseView& view, std::vector<Pgno> pages);

  // The next row (in an index or a WITHOUT ROWID table those of interior pages too), or nothing at
  // the end. The payload is valid until the next call.
  Result<std::optional<BtreeEntry>> next();

 private:
  const DatabaseView& view_;
  const std::vector<Pgno> pages_;
  std::size_t next_page_ = 0;
  Buffer bytes_;                   // of the present page
  std::optional<BtreePage> page_;  // over `bytes_`
  std::uint32_t next_cell_ = 0;
  std::uint64_t payload_left_;  // bytes
  Buffer payload_;
};

}  // namespace litetool
