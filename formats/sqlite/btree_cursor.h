// Walks one b-tree in key order: the rows of a table, the keys of an index or of a WITHOUT ROWID
// table.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "formats/sqlite/btree_page.h"
#include "formats/sqlite/page_lookup.h"

namespace litetool {

struct BtreeEntry {
  std::int64_t rowid = 0;  // tables; 0 in an index
  Bytes payload;           // the whole record, valid until the next call
};

// Bounded on any input: at most 20 levels deep (as SQLite), no more pages than the database has,
// and no more payload in all than it has room for.
class BtreeCursor {
 public:
  // `view` outlives the cursor.
  BtreeCursor(const DatabaseView& view, Pgno root);

  // The next entry, or nothing at the end. After an error the cursor is at its end.
  Result<std::optional<BtreeEntry>> next();

 private:
  struct Level {
    Buffer bytes;
    BtreePage page;  // over `bytes`
    std::uint32_t cell = 0;
    bool descended = false;  // interior: the child left of `cell` has been walked
  };
  Result<std::optional<BtreeEntry>> step();
  Status push(Pgno pgno);
  Result<BtreeEntry> entry(const BtreeCell& cell);

  const DatabaseView& view_;
  std::optional<Pgno> root_;  // until it has been pushed
  std::vector<Level> levels_;
  std::uint32_t pages_walked_ = 0;
  std::uint64_t payload_left_ = 0;  // bytes
  Buffer payload_;
};

}  // namespace litetool
