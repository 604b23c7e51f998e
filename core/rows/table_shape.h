// What has to be known of a table to name its rows in SQL.
#pragma once

#include <string>
#include <vector>

#include "core/rows/sql_connection.h"

namespace litetool {

struct TableShape {
  struct Column {
    std::string name;
    bool generated = false;  // computed from others: it can be read, not written
  };
  struct KeyColumn {
    std::size_t column = 0;  // index in `columns`
    std::string collation;   // that the key compares with
  };

  std::string name;
  std::vector<Column> columns;
  // The row id, by a name that no other column has; its column where it is an INTEGER PRIMARY KEY.
  // Empty for a WITHOUT ROWID table, and where every name of it is taken.
  std::string rowid;
  bool rowid_is_column = false;
  // WITHOUT ROWID: the primary key in the order of the stored record; else empty.
  std::vector<KeyColumn> key;
  bool by_rowid = true;  // false: WITHOUT ROWID
  // Something besides the row id or that primary key must be unique.
  bool has_unique_index = false;

  // The row id as SQL takes it.
  std::string rowid_sql() const { return rowid_is_column ? quote_name(rowid) : rowid; }
  // "a", "b": all columns.
  std::string column_list() const;
  // A condition for one row, with a parameter for each part of the key.
  std::string key_condition() const;
};

// Asks SQLite about a table of the schema. kUnsupported for a table whose rows SQL cannot name.
Result<TableShape> read_table_shape(SqlConnection& connection, const std::string& table,
                                    bool by_rowid);

}  // namespace litetool
