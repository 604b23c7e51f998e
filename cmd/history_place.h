// Which directory's histories a command is about: what was named, mounted or not.
#pragma once

#include <optional>
#include <string>

#include "cmd/command.h"
#include "core/source/find_source.h"

namespace litetool {

struct NamedHistories {
  std::string history;                  // absolute folder of the histories
  std::string directory;                // absolute; that they belong to
  std::optional<std::string> database;  // when a database was named: its path in the directory
  bool is_mounted = false;
  std::optional<Json> mount;  // what the mount says about itself, when it answers
};

// `path` is a directory (or one below it) that is mounted or has .litetool, or a database in one,
// there or gone; or a history itself. kNotFound when there is no history, kUnsupported for a newer
// one.
Result<NamedHistories> named_histories(Context& context, const std::string& path);

// find_source(), and besides: a directory that is mounted, or a database in one, whose history lies
// apart from it.
Result<SourcePlace> named_source(Context& context, const std::string& path);

// A regular file whose name is not that of an LTX file or segment: what is taken for a database
// rather than for a history.
bool is_database_file(Context& context, const std::string& path);

// Where the database of a history is, if it is anywhere: behind a mount of another directory, where
// its file can be reached as it is. `path`: what named_source() was given.
std::string live_file(Context& context, const std::string& path, const SourcePlace& place);

// How long the history of this database may be behind it, in ms: 0 where no mount captures it.
std::int64_t capture_lag_ms(const std::string& path);

}  // namespace litetool
