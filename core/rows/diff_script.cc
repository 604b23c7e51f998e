#include "core/rows/diff_script.h"

#include <algorithm>
#include <set>

#include "formats/base/text.h"

namespace litetool {
namespace {

bool is_virtual(const SchemaRow& row) {
  return row.type == "table" && row.root == 0;
}

// Tables in which SQLite keeps books about others, and which those others' statements change.
bool is_bookkeeping(const std::string& table) {
  return table == "sqlite_sequence" || table.starts_with("sqlite_stat");
}

// `sql` may end in a comment.
std::string as_statement(const std::string& sql) {
  return sql + (sql.find("--") == std::string::npos ? ";" : "\n;");
}

class Script {
 public:
  Script(DatabaseDiff& diff, const TakeStatement& take)
      : diff_(diff), take_(take), encoding_(diff.before().sql->encoding()) {
    for (const ObjectDiff& o : diff.objects()) {
      const bool remade = o.any().type == "table" && o.before != nullptr && o.after != nullptr;
      if (remade) remade_.insert(o.any().name);
    }
    if (diff.before().view.size_pages == 0) encoding_ = diff.after().sql->encoding();
  }

  Status run() {
    LT_TRY(drop());
    LT_TRY(create_tables());
    for (const TableDiff& table : diff_.tables()) {
      if (!is_bookkeeping(table.name)) LT_TRY(change_rows(table));
    }
    LT_TRY(create_rest());
    LT_TRY(keep_books());
    for (const SettingDiff& s : diff_.settings()) {
      LT_TRY(put("PRAGMA " + s.pragma + " = " + std::to_string(s.after) + ";"));
    }
    LT_TRY(create_triggers());
    return begun_ ? take_("COMMIT;") : Status();
  }

 private:
  // Every statement but those around them all.
  Status put(const std::string& statement) {
    LT_TRY(begin());
    return take_(statement);
  }

  Status begin() {
    if (begun_) return {};
    begun_ = true;
    if (diff_.before().view.size_pages == 0) {
      const char* name = encoding_ == TextEncoding::kUtf8      ? "UTF-8"
                         : encoding_ == TextEncoding::kUtf16le ? "UTF-16le"
                                                               : "UTF-16be";
      LT_TRY(take_(std::string("PRAGMA encoding = '") + name + "';"));
    }
    LT_TRY(take_("PRAGMA foreign_keys = OFF;"));
    LT_TRY(take_("PRAGMA ignore_check_constraints = ON;"));
    LT_TRY(take_("BEGIN;"));
    for (const SchemaRow& row : diff_.before().trees.schema) {
      if (row.type == "trigger") LT_TRY(take_("DROP TRIGGER " + quote_name(row.name) + ";"));
    }
    return {};
  }

  Status drop() {
    for (const char* type : {"view", "index"}) {
      for (const ObjectDiff& o : diff_.objects()) {
        if (o.before == nullptr || o.before->type != type) continue;
        LT_TRY(put((std::string("DROP ") + (o.before->type == "view" ? "VIEW " : "INDEX ")) +
                   quote_name(o.before->name) + ";"));
      }
    }
    // A virtual table takes the tables along in which it keeps its rows.
    for (const bool virtual_ones : {true, false}) {
      for (const ObjectDiff& o : diff_.objects()) {
        if (o.before == nullptr || o.before->type != "table") continue;
        if (is_bookkeeping(o.before->name) || is_virtual(*o.before) != virtual_ones) continue;
        LT_TRY(put("DROP TABLE IF EXISTS " + quote_name(o.before->name) + ";"));
      }
    }
    return {};
  }

  Status create_tables() {
    for (const ObjectDiff& o : diff_.objects()) {
      if (o.after == nullptr || o.after->type != "table" || is_bookkeeping(o.after->name)) continue;
      if (is_virtual(*o.after)) continue;
      LT_TRY(put(as_statement(o.after->sql)));
    }
    return {};
  }

  // What refers to tables, once their rows are there.
  Status create_rest() {
    // The tables of a virtual table are there already: it is only entered into the schema.
    for (const ObjectDiff& o : diff_.objects()) {
      if (o.after == nullptr || !is_virtual(*o.after)) continue;
      const std::string name = SqlValue::of_text(o.after->name).literal(encoding_);
      LT_TRY(put(std::string(kWritableSchema) + ";"));
      LT_TRY(put("INSERT INTO sqlite_schema VALUES ('table', " + name + ", " + name + ", 0, " +
                 SqlValue::of_text(o.after->sql).literal(encoding_) + ");"));
      LT_TRY(put("PRAGMA writable_schema = OFF;"));
    }
    LT_TRY(create("index"));
    return create("view");
  }

  // What is there after and not now.
  Status create(const std::string& type) {
    for (const SchemaRow& row : diff_.after().trees.schema) {
      if (row.type == type && !row.sql.empty() && is_away(row)) LT_TRY(put(as_statement(row.sql)));
    }
    return {};
  }

  // All of them are away once anything was written.
  Status create_triggers() {
    for (const ObjectDiff& o : diff_.objects()) {
      if (o.any().type == "trigger") LT_TRY(begin());
    }
    for (const SchemaRow& row : diff_.after().trees.schema) {
      if (row.type == "trigger" && begun_) LT_TRY(put(as_statement(row.sql)));
    }
    return {};
  }

  // Whether an index or view of the state after has to be made.
  bool is_away(const SchemaRow& row) const {
    const SchemaRow* earlier = diff_.before().object(row.type, row.name);
    if (earlier == nullptr || earlier->sql != row.sql) return true;
    return row.type == "index" && remade_.count(row.table_name) != 0;
  }

  Status change_rows(const TableDiff& table) {
    if (table.altered || !table.before || !table.after) {
      if (!table.after) return {};
      return tell_all_rows(diff_.after(), *table.after, RowChangeKind::kInserted,
                           [&](const RowChange& c) { return insert(*table.after, c); });
    }
    const TableShape& shape = *table.after;
    // Where something must be unique, rows that trade it cannot be changed one after the other.
    const bool in_place = !shape.has_unique_index;
    LT_TRY(diff_.rows(table, [&](const RowChange& c) -> Status {
      if (c.kind == RowChangeKind::kInserted) return {};
      return c.kind == RowChangeKind::kChanged && in_place ? update(shape, c) : remove(shape, c);
    }));
    return diff_.rows(table, [&](const RowChange& c) -> Status {
      const bool comes =
          c.kind == RowChangeKind::kInserted || (c.kind == RowChangeKind::kChanged && !in_place);
      return comes ? insert(shape, c) : Status();
    });
  }

  // The condition for the row as it is before.
  std::string condition(const TableShape& shape, const RowChange& c) const {
    if (shape.by_rowid) return shape.rowid_sql() + " = " + integer(c.rowid);
    std::vector<std::string> parts;
    for (const TableShape::KeyColumn& k : shape.key) {
      const SqlValue& v = c.before[k.column];
      std::string part = quote_name(shape.columns[k.column].name) + " = " + v.literal(encoding_);
      if (v.type == ValueType::kText) part += " COLLATE " + quote_name(k.collation);
      parts.push_back(std::move(part));
    }
    return join(parts, " AND ");
  }

  Status remove(const TableShape& shape, const RowChange& c) {
    return put("DELETE FROM " + quote_name(shape.name) + " WHERE " + condition(shape, c) + ";");
  }

  Status update(const TableShape& shape, const RowChange& c) {
    std::vector<std::string> sets;
    for (std::size_t i = 0; i < shape.columns.size(); ++i) {
      if (shape.columns[i].generated || c.before[i] == c.after[i]) continue;
      sets.push_back(quote_name(shape.columns[i].name) + " = " + c.after[i].literal(encoding_));
    }
    if (sets.empty()) return {};
    return put("UPDATE " + quote_name(shape.name) + " SET " + join(sets, ", ") + " WHERE " +
               condition(shape, c) + ";");
  }

  Status insert(const TableShape& shape, const RowChange& c) {
    std::vector<std::string> names;
    std::vector<std::string> values;
    if (shape.by_rowid && !shape.rowid_is_column) {
      names.push_back(shape.rowid_sql());
      values.push_back(integer(c.rowid));
    }
    for (std::size_t i = 0; i < shape.columns.size(); ++i) {
      if (shape.columns[i].generated) continue;
      names.push_back(quote_name(shape.columns[i].name));
      values.push_back(c.after[i].literal(encoding_));
    }
    return put("INSERT INTO " + quote_name(shape.name) + " (" + join(names, ", ") + ") VALUES (" +
               join(values, ", ") + ");");
  }

  std::string integer(std::int64_t v) const { return SqlValue::of_integer(v).literal(encoding_); }

  // The books are written anew, once nothing changes them any more.
  Status keep_books() {
    std::set<std::string> differing;
    for (const TableDiff& t : diff_.tables()) {
      if (!is_bookkeeping(t.name)) continue;
      LT_ASSIGN(const RowCounts counts, diff_.count(t));
      if (!t.before || counts.total() > 0) differing.insert(t.name);
    }
    for (const TreePages& tree : diff_.before().trees.trees) {
      const std::string& name = tree.object.name;
      if (!is_bookkeeping(name) || diff_.after().table(name) != nullptr) continue;
      const bool droppable = name != "sqlite_sequence";
      LT_TRY(put((droppable ? "DROP TABLE " : "DELETE FROM ") + name + ";"));
    }
    for (const TreePages& tree : diff_.after().trees.trees) {
      const std::string& name = tree.object.name;
      if (!is_bookkeeping(name) || (!begun_ && differing.count(name) == 0)) continue;
      if (diff_.before().table(name) == nullptr) LT_TRY(make_book(name));
      LT_TRY(put("DELETE FROM " + name + ";"));
      LT_ASSIGN(const TableShape shape, read_table_shape(*diff_.after().sql, name, tree.by_rowid));
      LT_TRY(tell_all_rows(diff_.after(), shape, RowChangeKind::kInserted,
                           [&](const RowChange& c) { return insert(shape, c); }));
    }
    return {};
  }

  Status make_book(const std::string& name) {
    if (name != "sqlite_sequence") return put("ANALYZE sqlite_schema;");
    LT_TRY(put("CREATE TABLE litetool_sequence (a INTEGER PRIMARY KEY AUTOINCREMENT);"));
    return put("DROP TABLE litetool_sequence;");
  }

  DatabaseDiff& diff_;
  const TakeStatement& take_;
  TextEncoding encoding_;         // of the database that the script is for
  std::set<std::string> remade_;  // tables that are dropped and made anew
  bool begun_ = false;
};

}  // namespace

Status write_diff_script(DatabaseDiff& diff, const TakeStatement& take) {
  return Script(diff, take).run();
}

}  // namespace litetool
