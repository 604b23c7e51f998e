// The schema of a database: the rows of sqlite_schema, the table b-tree whose root is page 1.
#pragma once

#include <string>
#include <vector>

#include "formats/base/ids.h"
#include "formats/base/result.h"
#include "formats/sqlite/page_lookup.h"

namespace litetool {

struct SchemaRow {
  std::string type;  // "table", "index", "view", "trigger"
  std::string name;
  std::string table_name;  // the table it belongs to; a table's own name
  Pgno root = 0;           // 0 for views, triggers and virtual tables
  std::string sql;         // empty for automatic indexes
};

// All rows in the order of the file, texts in UTF-8. kCorrupt where the tree or a row is damaged.
Result<std::vector<SchemaRow>> read_schema(const DatabaseView& view);

}  // namespace litetool
