#include "cmd/diff_report.h"

#include <map>

#include "cmd/row_printer.h"
#include "core/rows/diff_script.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

// "created", "dropped" or "altered".
const char* fate(bool before, bool after) {
  return !before ? "created" : !after ? "dropped" : "altered";
}

Json object_json(const ObjectDiff& o) {
  return Json{{"type", o.any().type},
              {"name", o.any().name},
              {"table", o.any().table_name},
              {"change", fate(o.before != nullptr, o.after != nullptr)},
              {"before", o.before == nullptr ? Json() : Json(o.before->sql)},
              {"after", o.after == nullptr ? Json() : Json(o.after->sql)}};
}

std::string object_text(const ObjectDiff& o) {
  return o.any().type + " " + printable(o.any().name) + " " +
         fate(o.before != nullptr, o.after != nullptr);
}

std::string setting_text(const SettingDiff& s) {
  return s.pragma + " " + std::to_string(s.before) + " -> " + std::to_string(s.after);
}

Json setting_json(const SettingDiff& s) {
  return Json{{"name", s.pragma}, {"before", s.before}, {"after", s.after}};
}

Json schema_json(const DatabaseDiff& diff) {
  Json j = Json::array();
  for (const ObjectDiff& o : diff.objects()) j.push_back(object_json(o));
  return j;
}

Json settings_json(const DatabaseDiff& diff) {
  Json j = Json::array();
  for (const SettingDiff& s : diff.settings()) j.push_back(setting_json(s));
  return j;
}

// Table, index or kind of page -> how many of its pages differ, in order of first page.
std::vector<std::pair<std::string, std::uint64_t>> pages_by_owner(const DatabaseDiff& diff) {
  std::vector<std::pair<std::string, std::uint64_t>> counts;
  std::map<std::string, std::size_t> places;
  for (const PageDiff& page : diff.pages()) {
    const auto [place, is_new] = places.emplace(page.owner, counts.size());
    if (is_new) counts.emplace_back(page.owner, 0);
    ++counts[place->second].second;
  }
  return counts;
}

const TableDiff* table_of(const DatabaseDiff& diff, const std::string& name) {
  for (const TableDiff& t : diff.tables()) {
    if (t.name == name) return &t;
  }
  return nullptr;
}

// One table, index or kind of page in the overview.
struct StatLine {
  std::string name;
  std::uint64_t pages = 0;
  const TableDiff* table = nullptr;
  RowCounts rows{};
};

Result<std::vector<StatLine>> stat_lines(DatabaseDiff& diff) {
  std::vector<StatLine> lines;
  for (const auto& [name, pages] : pages_by_owner(diff)) {
    lines.push_back({name, pages, table_of(diff, name)});
  }
  for (const TableDiff& table : diff.tables()) {
    if (table.pages == 0) lines.push_back({table.name, 0, &table});
  }
  for (StatLine& line : lines) {
    if (line.table == nullptr) continue;
    LT_ASSIGN(line.rows, diff.count(*line.table));
  }
  std::erase_if(lines, [](const StatLine& l) { return l.pages == 0 && l.rows.total() == 0; });
  return lines;
}

// Values by the names of their columns.
Json row_json(const TableShape& shape, const std::vector<SqlValue>& row) {
  Json j = Json::object();
  for (std::size_t i = 0; i < row.size(); ++i) j[shape.columns[i].name] = value_json(row[i]);
  return j;
}

// What names the row: its primary key, or its row id.
Json key_json(const TableDiff& table, const RowChange& c) {
  const bool gone = c.after.empty();
  const TableShape& shape = gone ? *table.before : *table.after;
  const std::vector<SqlValue>& row = gone ? c.before : c.after;
  if (shape.by_rowid) return Json{{shape.rowid, c.rowid}};
  Json key = Json::object();
  for (const TableShape::KeyColumn& k : shape.key) {
    key[shape.columns[k.column].name] = value_json(row[k.column]);
  }
  return key;
}

const char* kind_name(RowChangeKind kind) {
  return kind == RowChangeKind::kInserted  ? "inserted"
         : kind == RowChangeKind::kDeleted ? "deleted"
                                           : "changed";
}

// A value in a line of others: text in quotes.
std::string shown(const SqlValue& v) {
  return v.type == ValueType::kText ? "'" + value_text(v) + "'" : value_text(v);
}

std::string row_text(const TableShape& shape, const std::vector<SqlValue>& row,
                     const RowChange& c) {
  std::string line;
  if (shape.by_rowid && !shape.rowid_is_column) {
    line += " " + shape.rowid + "=" + std::to_string(c.rowid);
  }
  for (std::size_t i = 0; i < row.size(); ++i) {
    line += " " + printable(shape.columns[i].name) + "=" + shown(row[i]);
  }
  return line;
}

// The key, and the columns that changed.
std::string change_text(const TableDiff& table, const RowChange& c) {
  const TableShape& before = *table.before;
  const TableShape& after = *table.after;
  std::string line;
  if (after.by_rowid) line += " " + printable(after.rowid) + "=" + std::to_string(c.rowid);
  for (const TableShape::KeyColumn& k : before.key) {
    line += " " + printable(before.columns[k.column].name) + "=" + shown(c.before[k.column]);
  }
  line += ":";
  for (std::size_t i = 0; i < before.columns.size(); ++i) {
    for (std::size_t j = 0; j < after.columns.size(); ++j) {
      if (after.columns[j].name != before.columns[i].name || c.before[i] == c.after[j]) continue;
      line += " " + printable(after.columns[j].name) + "=" + shown(c.before[i]) + " -> " +
              shown(c.after[j]);
    }
  }
  return line;
}

void print_row_text(Output& out, const TableDiff& table, const RowChange& c) {
  const std::string name = printable(table.name);
  switch (c.kind) {
    case RowChangeKind::kInserted:
      out.line(out.paint(Colour::kGreen, "+ " + name + row_text(*table.after, c.after, c)));
      break;
    case RowChangeKind::kDeleted:
      out.line(out.paint(Colour::kRed, "- " + name + row_text(*table.before, c.before, c)));
      break;
    case RowChangeKind::kChanged:
      out.line(out.paint(Colour::kYellow, "~ " + name + change_text(table, c)));
      break;
  }
}

void print_row_json(Output& out, const TableDiff& table, const RowChange& c) {
  out.json_line(Json{{"type", "row"},
                     {"table", table.name},
                     {"change", kind_name(c.kind)},
                     {"key", key_json(table, c)},
                     {"before", c.before.empty() ? Json() : row_json(*table.before, c.before)},
                     {"after", c.after.empty() ? Json() : row_json(*table.after, c.after)}});
}

}  // namespace

Result<bool> print_diff_stat(Context& context, DatabaseDiff& diff, const Json& head) {
  LT_ASSIGN(const std::vector<StatLine> lines, stat_lines(diff));
  if (context.out.json_mode()) {
    Json tables = Json::array();
    for (const StatLine& l : lines) {
      tables.push_back(Json{{"name", l.name.empty() ? Json() : Json(l.name)},
                            {"pages", l.pages},
                            {"inserted", l.table == nullptr ? Json() : Json(l.rows.inserted)},
                            {"deleted", l.table == nullptr ? Json() : Json(l.rows.deleted)},
                            {"changed", l.table == nullptr ? Json() : Json(l.rows.changed)}});
    }
    Json j = head;
    j["pages"] = diff.pages().size();
    j["pages_before"] = diff.before().view.size_pages;
    j["pages_after"] = diff.after().view.size_pages;
    j["objects"] = std::move(tables);
    j["schema"] = schema_json(diff);
    j["settings"] = settings_json(diff);
    context.out.document(j);
    return !diff.pages().empty();
  }
  if (diff.pages().empty()) return false;
  for (const ObjectDiff& o : diff.objects()) context.out.line(object_text(o));
  for (const SettingDiff& s : diff.settings()) context.out.line(setting_text(s));
  Table table({{"OBJECT"},
               {"PAGES", Table::Align::kRight},
               {"INSERTED", Table::Align::kRight},
               {"DELETED", Table::Align::kRight},
               {"CHANGED", Table::Align::kRight}});
  for (const StatLine& l : lines) {
    const auto number = [&l](std::uint64_t n) { return l.table == nullptr ? "-" : grouped(n); };
    table.row({l.name.empty() ? "(free or unused)" : printable(l.name), grouped(l.pages),
               number(l.rows.inserted), number(l.rows.deleted), number(l.rows.changed)});
  }
  context.out.text(table.text());
  return true;
}

Result<bool> print_diff_rows(Context& context, DatabaseDiff& diff) {
  const bool json = context.out.json_mode();
  bool any = !diff.objects().empty() || !diff.settings().empty();
  for (const ObjectDiff& o : diff.objects()) {
    if (json) {
      Json j = object_json(o);
      j["object"] = j["type"];
      j["type"] = "schema";
      context.out.json_line(j);
    } else {
      context.out.line(context.out.paint(Colour::kBold, "! " + object_text(o)));
    }
  }
  for (const SettingDiff& s : diff.settings()) {
    if (json) {
      Json j{{"type", "setting"}};
      j.update(setting_json(s));
      context.out.json_line(j);
    } else {
      context.out.line(context.out.paint(Colour::kBold, "! " + setting_text(s)));
    }
  }
  for (const TableDiff& table : diff.tables()) {
    LT_TRY(diff.rows(table, [&](const RowChange& change) -> Status {
      any = true;
      json ? print_row_json(context.out, table, change)
           : print_row_text(context.out, table, change);
      return {};
    }));
  }
  return any;
}

Result<bool> print_diff_script(Context& context, DatabaseDiff& diff) {
  bool any = false;
  LT_TRY(write_diff_script(diff, [&](const std::string& statement) -> Status {
    any = true;
    if (context.out.json_mode()) {
      context.out.json_line(Json{{"sql", statement}});
    } else {
      context.out.line(statement);
    }
    return {};
  }));
  return any;
}

bool print_diff_pages(Context& context, const DatabaseDiff& diff) {
  if (context.out.json_mode()) {
    for (const PageDiff& p : diff.pages()) {
      context.out.json_line(Json{{"page", p.pgno},
                                 {"change", p.before && p.after ? "changed"
                                            : p.after           ? "added"
                                                                : "removed"},
                                 {"owner", p.owner.empty() ? Json() : Json(p.owner)}});
    }
    return !diff.pages().empty();
  }
  if (diff.pages().empty()) return false;
  Table table({{"PAGE", Table::Align::kRight}, {"CHANGE"}, {"OWNER"}});
  for (const PageDiff& p : diff.pages()) {
    table.row({std::to_string(p.pgno),
               p.before && p.after ? "changed"
               : p.after           ? "added"
                                   : "removed",
               p.owner.empty() ? "-" : printable(p.owner)});
  }
  context.out.text(table.text());
  return true;
}

}  // namespace litetool
