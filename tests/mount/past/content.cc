#include "mount/past/content.h"

#include <algorithm>
#include <cstring>

#include "formats/base/result.h"

namespace litetool::test {
namespace {

std::string quoted(const std::string& name) {
  std::string text = "\"";
  for (const char c : name) text += c == '"' ? std::string("\"\"") : std::string(1, c);
  return text + "\"";
}

std::string literal(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("''") : std::string(1, c);
  return result + "'";
}

// Rows of one table, in an order that does not depend on where they lie.
std::string rows_query(SqliteSession& session, const std::string& table, bool has_rowid) {
  std::string line = literal(table);
  if (has_rowid) line += "||'|'||rowid";
  for (const auto& column : session.rows("SELECT name FROM pragma_table_xinfo(" + literal(table) +
                                         ") WHERE hidden <> 1 ORDER BY cid")) {
    line += "||'|'||quote(" + quoted(column[0]) + ")";
  }
  return "SELECT * FROM (SELECT " + line + " AS line FROM " + quoted(table) + " ORDER BY 1)";
}

// Without sqlite_sequence, which SQLite makes and nobody can drop: its rows count.
constexpr const char* kSchemaQuery =
    "SELECT * FROM (SELECT type||'|'||name||'|'||tbl_name||'|'||sql AS line FROM sqlite_schema "
    "WHERE sql IS NOT NULL AND name <> 'sqlite_sequence' ORDER BY type, name)";

std::map<std::string, std::string> queries_by_table(SqliteSession& session) {
  std::map<std::string, std::string> queries;
  for (const auto& row : session.rows(
           "SELECT s.name, l.wr = 0 FROM sqlite_schema s JOIN pragma_table_list l "
           "ON l.schema = 'main' AND l.name = s.name WHERE s.type = 'table' AND s.rootpage <> 0")) {
    queries[row[0]] = rows_query(session, row[0], row[1] == "1");
  }
  return queries;
}

std::string lines_of(SqliteSession& session, const std::string& query) {
  std::string text;
  for (const auto& row : session.rows(query)) text += row[0] + "\n";
  return text;
}

}  // namespace

std::unique_ptr<SqliteSession> in_memory(const Buffer& bytes) {
  auto session = std::make_unique<SqliteSession>(":memory:");
  if (bytes.empty()) return session;
  auto* copy = static_cast<unsigned char*>(sqlite3_malloc64(bytes.size()));
  LT_CHECK(copy != nullptr);
  std::memcpy(copy, bytes.data(), bytes.size());
  copy[18] = copy[19] = 1;  // only a file can be in WAL mode
  const auto size = static_cast<sqlite3_int64>(bytes.size());
  REQUIRE(sqlite3_deserialize(session->get(), "main", copy, size, size,
                              SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE) ==
          SQLITE_OK);
  return session;
}

std::string content_query(SqliteSession& session) {
  std::string query = kSchemaQuery;
  for (const auto& [table, rows] : queries_by_table(session)) query += " UNION ALL " + rows;
  return query;
}

std::string content_of(SqliteSession& session) {
  return session.value("PRAGMA user_version") + " " + session.value("PRAGMA application_id") +
         "\n" + lines_of(session, content_query(session));
}

std::map<std::string, std::string> content_by_table(SqliteSession& session) {
  std::map<std::string, std::string> content;
  for (const auto& [table, query] : queries_by_table(session)) {
    content[table] =
        session.value("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = " +
                      literal(table)) +
        "\n" + lines_of(session, query);
  }
  return content;
}

std::set<std::string> tables_of_changed_schema(const Buffer& before, const Buffer& after) {
  const auto schema_of = [](const Buffer& bytes) {
    std::set<std::vector<std::string>> rows;
    for (auto& row :
         in_memory(bytes)->rows("SELECT tbl_name, type, name, sql FROM sqlite_schema")) {
      rows.insert(std::move(row));
    }
    return rows;
  };
  const auto a = schema_of(before);
  const auto b = schema_of(after);
  std::set<std::string> tables;
  for (const auto& row : a) {
    if (!b.contains(row)) tables.insert(row[0]);
  }
  for (const auto& row : b) {
    if (!a.contains(row)) tables.insert(row[0]);
  }
  return tables;
}

std::set<std::string> tables_on_pages(const Buffer& bytes, const std::vector<Pgno>& pages) {
  std::set<std::string> tables;
  if (bytes.empty()) return tables;
  for (
      const auto& row : in_memory(bytes)->rows(
          "SELECT pageno, coalesce(tbl_name, d.name) FROM dbstat AS d LEFT JOIN sqlite_schema AS s "
          "ON s.name = d.name AND s.type IN ('table', 'index')")) {
    const auto pgno = static_cast<Pgno>(std::stoul(row[0]));
    if (std::ranges::binary_search(pages, pgno)) tables.insert(row[1]);
  }
  return tables;
}

}  // namespace litetool::test
