// Names that people gave to points of a history; retention keeps those points.
//
// The file `tags` in the database's history folder, to which lines are only added, also through a
// mount: "TXID TIME NAME", 16 hex digits, when the line was written in milliseconds since 1970, and
// the name up to the end of the line. The last line of a name counts; TXID 0 takes the name away.
// What stands behind the last end of a line was not written to its end: it is passed over, and the
// next line is written over it.
#pragma once

#include <string>
#include <vector>

#include "core/os/env.h"
#include "core/os/job.h"
#include "formats/base/ids.h"

namespace litetool {

struct Tag {
  std::string name;
  Txid txid;
  std::int64_t made_ms = 0;
};

// Letters, digits and ". _ - + : @ /", 1 to 100 of them.
bool is_tag_name(std::string_view name);

// In the order in which they were made; none when there is no file. kCorrupt for a line that is
// none.
Result<std::vector<Tag>> read_tags(Env& env, int dir, const std::string& folder);

// The folder of a history as a path. kExists when the name is given to another point, unless it is
// to be moved; kNotFound for a point that retention has just merged into a later one; kUsage for
// what is no name; kTimeout when somebody else writes tags for long.
Status add_tag(const Job& job, const std::string& folder, const Tag& tag, bool move);
// What the name stood for. kNotFound when there is no such tag.
Result<Tag> delete_tag(const Job& job, const std::string& folder, const std::string& name);

// "'NAME' is no tag: there are A, B and 3 more", kNotFound.
Error no_such_tag(const std::string& name, const std::vector<Tag>& tags);

}  // namespace litetool
