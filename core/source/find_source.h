// What somebody named -> whose history it is, and where.
#pragma once

#include <string>
#include <vector>

#include "core/os/env.h"

namespace litetool {

enum class SourceKind : std::uint8_t {
  kLitetool,     // the history folder of one database of a mounted directory
  kLitefs,       // dbs/NAME of a LiteFS data directory
  kLitestream,   // a file replica of Litestream 0.5
  kLitestream3,  // one of Litestream 0.3, which has no LTX files
  kLtx,          // a folder with LTX files, or a file
};
// "litetool", "litefs", "litestream", "litestream-0.3", "ltx": for people and JSON.
const char* source_kind_name(SourceKind kind);

struct SourcePlace {
  SourceKind kind = SourceKind::kLtx;
  std::string name;                  // of the database or folder, for messages
  std::vector<std::string> folders;  // that hold its files; one for all but Litestream
};

// `path` may be
//   DIR/app.db        a database, there or gone: .litetool is looked for in the directories above
//   DIR               a directory with .litetool, or a history itself, if it is of one database
//   HISTORY/app.db    the same in a history that lies apart from its directory
//   HISTORY/db/X      the history of one database
//   DATA              a LiteFS data directory (dbs/NAME/ltx), if it is of one database; dbs/NAME;
//                     dbs/NAME/ltx; a file in dbs/NAME
//   REPLICA           of Litestream: ltx/0 to ltx/9, 0000 to 0009, or generations
//   DIR, FILE.ltx     LTX files
// kNotFound when there is none of it; kUsage, with their names, where several databases are meant.
Result<SourcePlace> find_source(Env& env, const std::string& path);

}  // namespace litetool
