#include "core/rows/table_shape.h"

#include <strings.h>

#include <algorithm>

#include "formats/base/text.h"

namespace litetool {
namespace {

// What `PRAGMA table_xinfo` says about hidden columns.
constexpr std::int64_t kHidden = 1;  // of virtual tables only
constexpr std::int64_t kVirtual = 2;

using Rows = std::vector<std::vector<SqlValue>>;

Result<Rows> all_rows(SqlConnection& connection, const std::string& sql, const std::string& name) {
  LT_ASSIGN(SqlStatement statement, connection.prepare_one(sql));
  LT_TRY(statement.bind(0, SqlValue::of_text(name)));
  Rows rows;
  while (true) {
    LT_ASSIGN(const bool more, statement.step());
    if (!more) return rows;
    rows.push_back(statement.row());
  }
}

bool has_column(const TableShape& shape, const char* name) {
  return std::ranges::any_of(shape.columns, [name](const TableShape::Column& c) {
    return strcasecmp(c.name.c_str(), name) == 0;
  });
}

// The key of a WITHOUT ROWID table, from the index that it is.
Status read_key(SqlConnection& connection, const std::string& index, TableShape& shape) {
  LT_ASSIGN(
      const Rows rows,
      all_rows(connection, "SELECT name, coll FROM pragma_index_xinfo(?) WHERE key ORDER BY seqno",
               index));
  for (const auto& row : rows) {
    const auto column = std::ranges::find(shape.columns, row[0].utf8(), &TableShape::Column::name);
    if (column == shape.columns.end()) continue;
    shape.key.push_back({static_cast<std::size_t>(column - shape.columns.begin()), row[1].utf8()});
  }
  return {};
}

}  // namespace

std::string TableShape::column_list() const {
  std::vector<std::string> names;
  for (const Column& c : columns) names.push_back(quote_name(c.name));
  return join(names, ", ");
}

std::string TableShape::key_condition() const {
  if (by_rowid) return rowid_sql() + " = ?";
  std::vector<std::string> parts;
  for (const KeyColumn& k : key) {
    parts.push_back(quote_name(columns[k.column].name) + " = ? COLLATE " + quote_name(k.collation));
  }
  return join(parts, " AND ");
}

Result<TableShape> read_table_shape(SqlConnection& connection, const std::string& table,
                                    bool by_rowid) {
  TableShape shape;
  shape.name = table;
  shape.by_rowid = by_rowid;
  LT_ASSIGN(const Rows columns,
            all_rows(connection, "SELECT name, hidden, pk FROM pragma_table_xinfo(?)", table));
  std::vector<std::string> primary_key;
  for (const auto& row : columns) {
    if (row[1].integer == kHidden) continue;
    shape.columns.push_back({row[0].utf8(), row[1].integer >= kVirtual});
    if (row[2].integer > 0) primary_key.push_back(row[0].utf8());
  }
  LT_ASSIGN(
      const Rows indexes,
      all_rows(connection, "SELECT name, \"unique\", origin FROM pragma_index_list(?)", table));
  bool key_has_index = false;
  for (const auto& row : indexes) {
    const bool is_key = row[2].utf8() == "pk";
    key_has_index = key_has_index || is_key;
    if (is_key && !by_rowid) {
      LT_TRY(read_key(connection, row[0].utf8(), shape));
    } else if (row[1].integer != 0) {
      shape.has_unique_index = true;
    }
  }
  if (by_rowid && primary_key.size() == 1 && !key_has_index) {
    shape.rowid = primary_key.front();
    shape.rowid_is_column = true;
  }
  for (const char* name : {"rowid", "_rowid_", "oid"}) {
    if (by_rowid && shape.rowid.empty() && !has_column(shape, name)) shape.rowid = name;
  }
  if (shape.columns.empty() || (by_rowid ? shape.rowid.empty() : shape.key.empty())) {
    return Error(Errc::kUnsupported, "table " + printable(table) +
                                         ": its rows have no name in SQL (columns hide the row id, "
                                         "or the schema is damaged)");
  }
  return shape;
}

}  // namespace litetool
