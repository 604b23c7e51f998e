// What differs between two states of a database: pages, schema, tables, rows.
//
// Rows are found from the pages that differ: of each b-tree the interior pages are walked, and of
// its leaves only those are read that the two states do not share.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/rows/table_diff.h"

namespace litetool {

// A table, index, view or trigger that only one state has, or that was made by another statement.
struct ObjectDiff {
  const SchemaRow* before = nullptr;
  const SchemaRow* after = nullptr;
  const SchemaRow& any() const { return after != nullptr ? *after : *before; }
};

// In the order of the schema, what is gone first. The result points into both.
std::vector<ObjectDiff> changed_objects(const std::vector<SchemaRow>& before,
                                        const std::vector<SchemaRow>& after);

// A number of the database header that programs may set.
struct SettingDiff {
  std::string pragma;  // "user_version"
  std::int64_t before = 0;
  std::int64_t after = 0;
};

struct PageDiff {
  Pgno pgno = 0;
  bool before = true;  // that state has the page
  bool after = true;
  std::string owner;  // name of the table or index; empty where there is none
};

struct RowCounts {
  std::uint64_t inserted = 0;
  std::uint64_t deleted = 0;
  std::uint64_t changed = 0;
  std::uint64_t total() const { return inserted + deleted + changed; }
};

class DatabaseDiff {
 public:
  // `changed`: the pages that differ, ascending (see changed_pages). Both states, and what the job
  // points to, outlive the object. kCorrupt where the schema or a b-tree cannot be followed.
  static Result<std::unique_ptr<DatabaseDiff>> open(const Job& job, PageSource& before,
                                                    PageSource& after, std::vector<Pgno> changed);

  const std::vector<PageDiff>& pages() const { return pages_; }
  // In the order of the schema, what is gone first.
  const std::vector<ObjectDiff>& objects() const { return objects_; }
  const std::vector<SettingDiff>& settings() const { return settings_; }
  // Each table that has pages of its own and that pages or schema say may differ.
  const std::vector<TableDiff>& tables() const { return tables_; }

  // The rows of one of tables() that differ.
  Status rows(const TableDiff& table, const TakeRow& take);
  Result<RowCounts> count(const TableDiff& table);

  DiffSide& before() { return *before_; }
  DiffSide& after() { return *after_; }

 private:
  explicit DatabaseDiff(const Job& job) : job_(job) {}
  void find_settings();
  void find_pages(const std::vector<Pgno>& changed);
  Status find_tables();
  Status add_table(const std::string& name, const TreePages* before, const TreePages* after);

  const Job job_;
  std::unique_ptr<DiffSide> before_;
  std::unique_ptr<DiffSide> after_;
  TouchedPages touched_;
  std::vector<PageDiff> pages_;
  std::vector<ObjectDiff> objects_;
  std::vector<SettingDiff> settings_;
  std::vector<TableDiff> tables_;
};

}  // namespace litetool
