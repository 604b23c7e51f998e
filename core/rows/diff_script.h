// A script of SQL that turns one state of a database into another.
#pragma once

#include <functional>
#include <string>

#include "core/rows/database_diff.h"

namespace litetool {

// Takes one statement, with its semicolon.
using TakeStatement = std::function<Status(const std::string&)>;

// Tells the statements in order; none where rows, schema and settings are the same. Run on the
// state before, they make a database of the same content as the state after: the same schema, and
// each row with its row id. Free pages, the order of the schema and the page layout may differ.
//
// Triggers are away and foreign keys off meanwhile; altered tables are made anew.
Status write_diff_script(DatabaseDiff& diff, const TakeStatement& take);

}  // namespace litetool
