// The differences between two states of a database, as people and programs read them.
#pragma once

#include "cmd/command.h"
#include "core/rows/database_diff.h"

namespace litetool {

// Each prints what there is, and returns whether there was anything.
// `head`: what the JSON document begins with.
Result<bool> print_diff_stat(Context& context, DatabaseDiff& diff, const Json& head);
Result<bool> print_diff_rows(Context& context, DatabaseDiff& diff);
Result<bool> print_diff_script(Context& context, DatabaseDiff& diff);
bool print_diff_pages(Context& context, const DatabaseDiff& diff);

}  // namespace litetool
