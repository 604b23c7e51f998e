// One of two states that are compared: its pages, its b-trees, and SQL over it.
#pragma once

#include <memory>
#include <optional>

#include "core/rows/sql_connection.h"
#include "formats/sqlite/tree_pages.h"

namespace litetool {

// A state as the walks over a database see it; size_pages is 0 where there are no pages. `pages`
// outlives the result.
Result<DatabaseView> view_of_state(PageSource& pages);

struct DiffSide {
  PageSource* pages = nullptr;
  DatabaseView view;  // size_pages is 0 for a database without pages
  DatabaseTrees trees;
  std::unique_ptr<SqlConnection> sql;

  // `pages`, and what the job points to, outlive the result.
  static Result<std::unique_ptr<DiffSide>> open(const Job& job, PageSource& pages);

  // The row of the schema, or nullptr.
  const SchemaRow* object(const std::string& type, const std::string& name) const;
  // The b-tree of a table, or nullptr.
  const TreePages* table(const std::string& name) const;
};

}  // namespace litetool
