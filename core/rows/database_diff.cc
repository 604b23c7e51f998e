#include "core/rows/database_diff.h"

#include <algorithm>
#include <map>
#include <utility>

namespace litetool {
namespace {

const SchemaRow* find_object(const std::vector<SchemaRow>& schema, const SchemaRow& like) {
  const auto found = std::ranges::find_if(
      schema, [&](const SchemaRow& row) { return row.type == like.type && row.name == like.name; });
  return found == schema.end() ? nullptr : &*found;
}

}  // namespace

// Indexes that SQLite makes by itself have no statement: they come and go with their tables.
std::vector<ObjectDiff> changed_objects(const std::vector<SchemaRow>& before,
                                        const std::vector<SchemaRow>& after) {
  std::vector<ObjectDiff> objects;
  for (const SchemaRow& row : before) {
    if (row.sql.empty()) continue;
    if (find_object(after, row) == nullptr) objects.push_back({&row, nullptr});
  }
  for (const SchemaRow& row : after) {
    if (row.sql.empty()) continue;
    const SchemaRow* earlier = find_object(before, row);
    if (earlier == nullptr || earlier->sql != row.sql) objects.push_back({earlier, &row});
  }
  return objects;
}

Result<std::unique_ptr<DatabaseDiff>> DatabaseDiff::open(const Job& job, PageSource& before,
                                                         PageSource& after,
                                                         std::vector<Pgno> changed) {
  std::unique_ptr<DatabaseDiff> diff(new DatabaseDiff(job));
  LT_ASSIGN(diff->before_, DiffSide::open(job, before));
  LT_ASSIGN(diff->after_, DiffSide::open(job, after));
  LT_ASSIGN(diff->touched_, TouchedPages::find(job, *diff->before_, *diff->after_, changed));
  diff->find_pages(changed);
  diff->objects_ = changed_objects(diff->before_->trees.schema, diff->after_->trees.schema);
  diff->find_settings();
  LT_TRY(diff->find_tables());
  return diff;
}

void DatabaseDiff::find_pages(const std::vector<Pgno>& changed) {
  for (const Pgno pgno : changed) {
    const TreePages* owner = after_->trees.owner(pgno);
    if (owner == nullptr) owner = touched_.overflow_owner(pgno);
    if (owner == nullptr) owner = before_->trees.owner(pgno);
    pages_.push_back({pgno, pgno <= before_->view.size_pages, pgno <= after_->view.size_pages,
                      owner == nullptr ? "" : owner->object.name});
  }
}

void DatabaseDiff::find_settings() {
  const FileHeader& a = before_->view.header;
  const FileHeader& b = after_->view.header;
  const auto add = [this](const char* pragma, std::uint32_t before, std::uint32_t after) {
    // SQL takes and shows them with a sign.
    if (before == after) return;
    settings_.push_back(
        {pragma, static_cast<std::int32_t>(before), static_cast<std::int32_t>(after)});
  };
  add("user_version", a.user_version, b.user_version);
  add("application_id", a.application_id, b.application_id);
}

Status DatabaseDiff::find_tables() {
  const auto is_table = [](const TreePages& t) {
    return t.object.type == "table" && t.object.name != "sqlite_schema";
  };
  for (const TreePages& t : before_->trees.trees) {
    if (is_table(t)) LT_TRY(add_table(t.object.name, &t, after_->table(t.object.name)));
  }
  for (const TreePages& t : after_->trees.trees) {
    if (is_table(t) && before_->table(t.object.name) == nullptr) {
      LT_TRY(add_table(t.object.name, nullptr, &t));
    }
  }
  return {};
}

Status DatabaseDiff::add_table(const std::string& name, const TreePages* before,
                               const TreePages* after) {
  TableDiff table;
  table.name = name;
  table.altered = before != nullptr && after != nullptr && before->object.sql != after->object.sql;
  const auto touched_in = [this](const TreePages* tree) {
    if (tree == nullptr) return false;
    const auto is_touched = [this](Pgno pgno) { return touched_.touched(pgno); };
    return std::ranges::any_of(tree->leaves, is_touched) ||
           std::ranges::any_of(tree->interior, is_touched);
  };
  if (before != nullptr && after != nullptr && !table.altered && !touched_in(before) &&
      !touched_in(after)) {
    return {};
  }
  table.pages = static_cast<std::uint64_t>(std::ranges::count(pages_, name, &PageDiff::owner));
  if (before != nullptr) {
    LT_ASSIGN(table.before, read_table_shape(*before_->sql, name, before->by_rowid));
  }
  if (after != nullptr) {
    LT_ASSIGN(table.after, read_table_shape(*after_->sql, name, after->by_rowid));
  }
  tables_.push_back(std::move(table));
  return {};
}

Status DatabaseDiff::rows(const TableDiff& table, const TakeRow& take) {
  if (table.comparable()) {
    return compare_rows(job_, *before_, *after_, touched_, table, take);
  }
  if (table.before) {
    LT_TRY(tell_all_rows(*before_, *table.before, RowChangeKind::kDeleted, take));
  }
  if (table.after) {
    LT_TRY(tell_all_rows(*after_, *table.after, RowChangeKind::kInserted, take));
  }
  return {};
}

Result<RowCounts> DatabaseDiff::count(const TableDiff& table) {
  RowCounts counts;
  LT_TRY(rows(table, [&counts](const RowChange& change) -> Status {
    switch (change.kind) {
      case RowChangeKind::kInserted:
        ++counts.inserted;
        break;
      case RowChangeKind::kDeleted:
        ++counts.deleted;
        break;
      case RowChangeKind::kChanged:
        ++counts.changed;
        break;
    }
    return {};
  }));
  return counts;
}

}  // namespace litetool
