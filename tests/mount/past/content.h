// What a state of a database holds, as the real SQLite reads its bytes: the yardstick.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "formats/base/bytes.h"
#include "formats/base/ids.h"
#include "support/sqlite_session.h"

namespace litetool::test {

// A database in memory with these bytes, to be read and written; an empty one without any.
std::unique_ptr<SqliteSession> in_memory(const Buffer& bytes);

// One query whose rows are all that a program can see: schema, and each row with its row id. It
// fits databases with the schema of this one.
std::string content_query(SqliteSession& session);
// Those rows, each ended by a newline, and before them the numbers that the header keeps for users.
std::string content_of(SqliteSession& session);

// For each table its own part of the content, and its statements.
std::map<std::string, std::string> content_by_table(SqliteSession& session);
// The tables to which belong what was defined anew or is not any more; a view to itself.
std::set<std::string> tables_of_changed_schema(const Buffer& before, const Buffer& after);

// The tables to which these pages belong, themselves or by their indexes.
std::set<std::string> tables_on_pages(const Buffer& bytes, const std::vector<Pgno>& pages);

}  // namespace litetool::test
