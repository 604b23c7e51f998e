#include "core/archive/export_sql.h"

#include <string>
#include <string_view>
#include <vector>

#include "core/rows/sql_connection.h"
#include "core/rows/sql_value.h"
#include "core/rows/table_shape.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

constexpr std::size_t kScriptWriteBytes = 64 * 1024;

const char* name_of(TextEncoding encoding) {
  return encoding == TextEncoding::kUtf16le   ? "UTF-16le"
         : encoding == TextEncoding::kUtf16be ? "UTF-16be"
                                              : "UTF-8";
}

struct SchemaEntry {
  std::string type;
  std::string name;
  std::string table;
  std::string sql;
};

bool is_virtual(const SchemaEntry& entry) {
  constexpr std::string_view kStart = "CREATE VIRTUAL TABLE";
  return entry.sql.starts_with(kStart);  // SQLite writes these words itself
}

class Script {
 public:
  Script(const Job& job, PageSource& pages, SqlConnection& connection, ByteSink& sink)
      : job_(job), pages_(pages), connection_(connection), sink_(sink) {}

  Status write() {
    LT_TRY(read_schema());
    LT_TRY(begin());
    for (const SchemaEntry& entry : schema_) {
      if (entry.type == "table") LT_TRY(table(entry));
    }
    LT_TRY(own_tables());
    for (const SchemaEntry& entry : schema_) {
      if (entry.type != "table" && !entry.sql.empty()) LT_TRY(line(entry.sql));
    }
    if (has_virtual_) LT_TRY(line("PRAGMA writable_schema = OFF"));
    LT_TRY(line("COMMIT"));
    return flush();
  }

 private:
  Status read_schema() {
    LT_ASSIGN(auto rows, connection_.prepare_one("SELECT type, name, tbl_name, sql FROM "
                                                 "sqlite_schema ORDER BY rowid"));
    while (true) {
      LT_ASSIGN(const bool more, rows.step());
      if (!more) return {};
      schema_.push_back(
          {rows.value(0).utf8(), rows.value(1).utf8(), rows.value(2).utf8(), rows.value(3).utf8()});
    }
  }

  Result<std::string> pragma(const std::string& name) {
    LT_ASSIGN(auto statement, connection_.prepare_one("PRAGMA " + name));
    LT_ASSIGN(const bool found, statement.step());
    return found ? std::to_string(statement.value(0).integer) : std::string("0");
  }

  // What must be said before there is a page, then all else as one transaction.
  Status begin() {
    LT_TRY(line("PRAGMA page_size = " + std::to_string(pages_.page_size())));
    LT_TRY(line(std::string("PRAGMA encoding = '") + name_of(connection_.encoding()) + "'"));
    LT_TRY(line("PRAGMA foreign_keys = OFF"));
    LT_TRY(line("BEGIN"));
    for (const char* const name : {"user_version", "application_id"}) {
      LT_ASSIGN(const std::string value, pragma(name));
      if (value != "0") LT_TRY(line(std::string("PRAGMA ") + name + " = " + value));
    }
    return {};
  }

  Status table(const SchemaEntry& entry) {
    if (entry.name.starts_with("sqlite_")) return {};
    if (is_virtual(entry)) return virtual_table(entry);
    LT_TRY(line(entry.sql));
    return rows_of(entry.name);
  }

  // Its rows are in tables of their own, which are in the schema too: to create it would make them.
  Status virtual_table(const SchemaEntry& entry) {
    if (!has_virtual_) LT_TRY(line(kWritableSchema));
    has_virtual_ = true;
    const auto text = [](const std::string& s) {
      return SqlValue::of_text(s).literal(TextEncoding::kUtf8);
    };
    return line(
        "INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) VALUES ('table', " +
        text(entry.name) + ", " + text(entry.name) + ", 0, " + text(entry.sql) + ")");
  }

  // The tables that SQLite makes by itself once there is a reason for them.
  Status own_tables() {
    for (const SchemaEntry& entry : schema_) {
      if (entry.name == "sqlite_stat1") {
        LT_TRY(line("ANALYZE sqlite_schema"));
      } else if (entry.name != "sqlite_sequence") {
        continue;
      }
      LT_TRY(line("DELETE FROM " + entry.name));
      LT_TRY(rows_of(entry.name));
    }
    return {};
  }

  Result<bool> has_rowid(const std::string& table) {
    LT_ASSIGN(auto statement, connection_.prepare_one("SELECT wr FROM pragma_table_list WHERE "
                                                      "schema = 'main' AND name = ?1"));
    LT_TRY(statement.bind(0, SqlValue::of_text(table)));
    LT_ASSIGN(const bool found, statement.step());
    return !found || statement.value(0).integer == 0;
  }

  Status rows_of(const std::string& name) {
    LT_ASSIGN(const bool by_rowid, has_rowid(name));
    LT_ASSIGN(const TableShape shape, read_table_shape(connection_, name, by_rowid));
    std::vector<std::string> columns;
    const bool own_rowid = !shape.rowid.empty() && !shape.rowid_is_column;
    if (own_rowid) columns.push_back(shape.rowid_sql());
    for (const TableShape::Column& column : shape.columns) {
      if (!column.generated) columns.push_back(quote_name(column.name));
    }
    const std::string list = join(columns, ", ");
    LT_ASSIGN(auto rows, connection_.prepare_one("SELECT " + list + " FROM " + quote_name(name)));
    while (true) {
      LT_ASSIGN(const bool more, rows.step());
      if (!more) return {};
      std::vector<std::string> values;
      for (const SqlValue& value : rows.row()) {
        values.push_back(value.literal(connection_.encoding()));
      }
      LT_TRY(line("INSERT INTO " + quote_name(name) + " (" + list + ") VALUES (" +
                  join(values, ", ") + ")"));
    }
  }

  Status line(const std::string& statement) {
    out_ += statement + ";\n";
    return out_.size() < kScriptWriteBytes ? Status() : flush();
  }

  Status flush() {
    LT_TRY(job_.check());
    LT_TRY(sink_.write(as_bytes(out_)));
    out_.clear();
    return {};
  }

  const Job& job_;
  PageSource& pages_;
  SqlConnection& connection_;
  ByteSink& sink_;
  std::vector<SchemaEntry> schema_;
  bool has_virtual_ = false;
  std::string out_;
};

}  // namespace

Status export_sql(const Job& job, PageSource& pages, ByteSink& sink) {
  LT_ASSIGN(const auto connection, SqlConnection::open(job, pages));
  return Script(job, pages, *connection, sink).write();
}

}  // namespace litetool
