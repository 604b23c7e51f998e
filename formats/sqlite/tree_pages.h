// Which pages the b-trees of a database consist of, found without reading their leaves.
//
// All leaves of a tree are equally deep: how deep, the way to the first one tells, and the rest is
// in the interior pages, about one page in a hundred.
#pragma once

#include <cstdint>
#include <vector>

#include "formats/sqlite/page_lookup.h"
#include "formats/sqlite/schema_reader.h"

namespace litetool {

struct TreePages {
  SchemaRow object;
  bool by_rowid = true;  // a table; false for an index and a WITHOUT ROWID table
  std::vector<Pgno> interior;
  std::vector<Pgno> leaves;  // in key order
};

struct DatabaseTrees {
  std::vector<SchemaRow> schema;
  std::vector<TreePages> trees;       // sqlite_schema itself first, then whatever has a root page
  std::vector<std::uint32_t> owners;  // by page number: 0 = none, else 1 + index in `trees`

  // The tree that the page is of, or nullptr; an overflow page is of none.
  const TreePages* owner(Pgno pgno) const {
    return pgno >= owners.size() || owners[pgno] == 0 ? nullptr : &trees[owners[pgno] - 1];
  }
};

// Bounded on any input: each page is in one tree at most. kCorrupt where a page is found twice, is
// outside of the database, or an interior page cannot be read.
Result<DatabaseTrees> find_trees(const DatabaseView& view);

}  // namespace litetool
