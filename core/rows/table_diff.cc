#include "core/rows/table_diff.h"

#include <algorithm>
#include <utility>

#include "formats/base/text.h"
#include "formats/sqlite/page_rows.h"

namespace litetool {
namespace {

// Rows of one state of the table, by their keys.
class RowLookup {
 public:
  static Result<RowLookup> open(DiffSide& side, const TableShape& shape) {
    LT_ASSIGN(SqlStatement statement,
              side.sql->prepare_one("SELECT " + shape.column_list() + " FROM main." +
                                    quote_name(shape.name) + " WHERE " + shape.key_condition()));
    return RowLookup(std::move(statement), shape.name);
  }

  // Nothing when there is no such row.
  Result<std::optional<std::vector<SqlValue>>> find(const std::vector<SqlValue>& key) {
    for (std::size_t i = 0; i < key.size(); ++i) LT_TRY(statement_.bind(i, key[i]));
    auto stepped = statement_.step();
    std::optional<std::vector<SqlValue>> row;
    if (stepped && *stepped) row = statement_.row();
    statement_.reset();
    if (!stepped) return std::move(stepped).error();
    return row;
  }

  // A row that the pages have.
  Result<std::vector<SqlValue>> get(const std::vector<SqlValue>& key) {
    LT_ASSIGN(auto row, find(key));
    if (row) return *std::move(row);
    return Error(Errc::kCorrupt,
                 "table " + printable(name_) + ": its pages hold a row that SQLite does not find");
  }

 private:
  RowLookup(SqlStatement statement, std::string name)
      : statement_(std::move(statement)), name_(std::move(name)) {}

  SqlStatement statement_;
  std::string name_;
};

// The touched pages of the table in one state, leaves in key order.
std::vector<Pgno> touched_of(const TreePages& tree, const TouchedPages& pages) {
  std::vector<Pgno> touched;
  const auto is_touched = [&](Pgno pgno) { return pages.touched(pgno); };
  std::ranges::copy_if(tree.leaves, std::back_inserter(touched), is_touched);
  if (!tree.by_rowid) std::ranges::copy_if(tree.interior, std::back_inserter(touched), is_touched);
  return touched;
}

// Whether the columns that both states have are equal.
class SameRow {
 public:
  SameRow(const TableShape& before, const TableShape& after) {
    for (std::size_t i = 0; i < before.columns.size(); ++i) {
      const auto found =
          std::ranges::find(after.columns, before.columns[i].name, &TableShape::Column::name);
      if (found == after.columns.end()) continue;
      pairs_.emplace_back(i, static_cast<std::size_t>(found - after.columns.begin()));
    }
  }
  bool operator()(const std::vector<SqlValue>& a, const std::vector<SqlValue>& b) const {
    return std::ranges::all_of(pairs_, [&](const auto& p) { return a[p.first] == b[p.second]; });
  }

 private:
  std::vector<std::pair<std::size_t, std::size_t>> pairs_;
};

class Comparison {
 public:
  Comparison(const Job& job, DiffSide& before, DiffSide& after, const TouchedPages& pages,
             const TableDiff& table, const TakeRow& take)
      : job_(job),
        before_(before),
        after_(after),
        before_rows_(before.view, touched_of(*before.table(table.name), pages)),
        after_rows_(after.view, touched_of(*after.table(table.name), pages)),
        same_(*table.before, *table.after),
        table_(table),
        take_(take) {}

  Status run() {
    LT_ASSIGN(RowLookup before, RowLookup::open(before_, *table_.before));
    LT_ASSIGN(RowLookup after, RowLookup::open(after_, *table_.after));
    return table_.before->by_rowid ? by_rowid(before, after) : by_key(before, after);
  }

 private:
  using Entry = std::optional<BtreeEntry>;

  // Both streams ascend by row id: merged, they tell what is in one of them or differs.
  Status by_rowid(RowLookup& before, RowLookup& after) {
    LT_ASSIGN(Entry a, before_rows_.next());
    LT_ASSIGN(Entry b, after_rows_.next());
    while (a || b) {
      LT_TRY(job_.check());
      const bool only_a = a && (!b || a->rowid < b->rowid);
      const bool only_b = b && (!a || b->rowid < a->rowid);
      RowChange change;
      change.rowid = only_b ? b->rowid : a->rowid;
      const std::vector<SqlValue> key(1, SqlValue::of_integer(change.rowid));
      const bool differs = only_a || only_b || !std::ranges::equal(a->payload, b->payload);
      if (differs && !only_b) {
        LT_ASSIGN(change.before, before.get(key));
      }
      if (differs && !only_a) {
        LT_ASSIGN(change.after, after.get(key));
      }
      change.kind = only_a   ? RowChangeKind::kDeleted
                    : only_b ? RowChangeKind::kInserted
                             : RowChangeKind::kChanged;
      if (only_a || only_b || (differs && !same_(change.before, change.after))) {
        LT_TRY(take_(change));
      }
      if (!only_b) {
        LT_ASSIGN(a, before_rows_.next());
      }
      if (!only_a) {
        LT_ASSIGN(b, after_rows_.next());
      }
    }
    return {};
  }

  // The order of the streams depends on collations: each row is looked up in the other state.
  Status by_key(RowLookup& before, RowLookup& after) {
    while (true) {
      LT_TRY(job_.check());
      LT_ASSIGN(const Entry entry, before_rows_.next());
      if (!entry) break;
      LT_ASSIGN(const std::vector<SqlValue> key, key_of(*entry, before_, *table_.before));
      RowChange change;
      LT_ASSIGN(change.before, before.get(key));
      LT_ASSIGN(auto now, after.find(key));
      change.kind = now ? RowChangeKind::kChanged : RowChangeKind::kDeleted;
      if (now) change.after = *std::move(now);
      if (change.after.empty() || !same_(change.before, change.after)) LT_TRY(take_(change));
    }
    while (true) {
      LT_TRY(job_.check());
      LT_ASSIGN(const Entry entry, after_rows_.next());
      if (!entry) return {};
      LT_ASSIGN(const std::vector<SqlValue> key, key_of(*entry, after_, *table_.after));
      LT_ASSIGN(const auto earlier, before.find(key));
      if (earlier) continue;
      RowChange change;
      LT_ASSIGN(change.after, after.get(key));
      LT_TRY(take_(change));
    }
  }

  // The key stands first in the record.
  static Result<std::vector<SqlValue>> key_of(const BtreeEntry& entry, const DiffSide& side,
                                              const TableShape& shape) {
    LT_ASSIGN(const std::vector<Value> values, decode_record(entry.payload));
    if (values.size() < shape.key.size()) {
      return Error(Errc::kCorrupt,
                   "table " + printable(shape.name) + ": a row ends before its primary key");
    }
    std::vector<SqlValue> key;
    for (std::size_t i = 0; i < shape.key.size(); ++i) {
      const Value& v = values[i];
      key.push_back({v.type, v.integer, v.real,
                     std::string(reinterpret_cast<const char*>(v.bytes.data()), v.bytes.size()),
                     side.view.header.text_encoding});
    }
    return key;
  }

  const Job& job_;
  DiffSide& before_;
  DiffSide& after_;
  PageRows before_rows_;
  PageRows after_rows_;
  SameRow same_;
  const TableDiff& table_;
  const TakeRow& take_;
};

}  // namespace

Status compare_rows(const Job& job, DiffSide& before, DiffSide& after, const TouchedPages& pages,
                    const TableDiff& table, const TakeRow& take) {
  return Comparison(job, before, after, pages, table, take).run();
}

Status tell_all_rows(DiffSide& side, const TableShape& shape, RowChangeKind kind,
                     const TakeRow& take) {
  const std::string rowid = shape.by_rowid ? shape.rowid_sql() : "0";
  LT_ASSIGN(SqlStatement statement,
            side.sql->prepare_one("SELECT " + rowid + ", " + shape.column_list() + " FROM main." +
                                  quote_name(shape.name)));
  while (true) {
    LT_ASSIGN(const bool more, statement.step());
    if (!more) return {};
    std::vector<SqlValue> row = statement.row();
    RowChange change;
    change.kind = kind;
    change.rowid = row.front().integer;
    row.erase(row.begin());
    (kind == RowChangeKind::kInserted ? change.after : change.before) = std::move(row);
    LT_TRY(take(change));
  }
}

}  // namespace litetool
