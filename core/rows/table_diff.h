// The rows in which two states of one table differ.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/rows/diff_side.h"
#include "core/rows/table_shape.h"
#include "core/rows/touched_pages.h"

namespace litetool {

enum class RowChangeKind : std::uint8_t { kInserted, kDeleted, kChanged };

struct RowChange {
  RowChangeKind kind = RowChangeKind::kInserted;
  std::int64_t rowid = 0;        // 0 in a WITHOUT ROWID table
  std::vector<SqlValue> before;  // by the columns before; empty when it was inserted
  std::vector<SqlValue> after;   // by the columns after; empty when it was deleted
};
using TakeRow = std::function<Status(const RowChange&)>;

// A table in one state or in both. Its rows are compared one by one where both have the table and
// keep its rows in the same way; else all rows of the one go and all rows of the other come.
struct TableDiff {
  std::string name;
  std::optional<TableShape> before;
  std::optional<TableShape> after;
  bool altered = false;  // both have it, with another CREATE TABLE
  // Pages that are the table's in either state and differ.
  std::uint64_t pages = 0;

  bool comparable() const { return before && after && before->by_rowid == after->by_rowid; }
};

// Tells the rows that differ: by row id, or for a WITHOUT ROWID table first those that changed or
// went, then those that came. Of an altered table a row is changed when a column that both states
// have is. kCorrupt where pages and SQLite do not agree.
Status compare_rows(const Job& job, DiffSide& before, DiffSide& after, const TouchedPages& pages,
                    const TableDiff& table, const TakeRow& take);

// All rows of a table, as inserted or as deleted.
Status tell_all_rows(DiffSide& side, const TableShape& shape, RowChangeKind kind,
                     const TakeRow& take);

}  // namespace litetool
