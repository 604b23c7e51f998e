// What every page of a whole database is for and which table or index it belongs to.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "formats/sqlite/page_kind.h"
#include "formats/sqlite/page_lookup.h"
#include "formats/sqlite/schema_reader.h"

namespace litetool {

// Something in the database that cannot be.
struct PageProblem {
  Pgno pgno = 0;             // the page it was seen on or that it is about
  std::uint64_t offset = 0;  // in the database file
  std::string message;
};

struct PageMap {
  // By page number; index 0 is not used.
  std::vector<PageKind> kinds;
  std::vector<std::uint32_t> owners;  // 0 = none, else 1 + index in `objects`
  // What has a b-tree: sqlite_schema itself first, then the tables and indexes of the schema.
  std::vector<SchemaRow> objects;
  // In the order they were found, the first hundred.
  std::vector<PageProblem> problems;
  std::uint64_t problem_count = 0;

  // The object that owns the page, or nullptr.
  const SchemaRow* owner(Pgno pgno) const;
};

// Walks the schema, every b-tree with its overflow chains, the freelist and the pointer map pages.
// What is damaged becomes a problem and the walk goes on beside it; pages that nothing leads to
// keep kUnknown and are a problem too. Errors are only those of the lookup itself and a schema so
// large that it cannot be: all else is a value. Memory: 5 bytes a page, the schema, and the page
// numbers still to be walked (each at most once).
Result<PageMap> map_pages(const DatabaseView& view);

}  // namespace litetool
