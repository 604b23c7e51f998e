// Names that people gave to points of a history; retention keeps those points.
//
// The file `tags` in the database's history folder: one line for each, "TXID TIME NAME": 16 hex
// digits, when the tag was made in milliseconds since 1970, and the name up to the end of the line.
#pragma once

#include <string>
#include <vector>

#include "core/os/env.h"
#include "formats/base/ids.h"

namespace litetool {

struct Tag {
  std::string name;
  Txid txid;
  std::int64_t made_ms = 0;
};

// Letters, digits and ". _ - + : @ /", 1 to 100 of them.
bool is_tag_name(std::string_view name);

// In the order of the file; none when there is no file. kCorrupt for a line that is none.
Result<std::vector<Tag>> read_tags(Env& env, int dir, const std::string& folder);

}  // namespace litetool
