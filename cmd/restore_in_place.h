// A state of the past in the place of the database that it is the past of.
#pragma once

#include <string>

#include "cmd/command.h"
#include "core/restore/restore.h"

namespace litetool {

struct RestoredInPlace {
  NewestPages read;
  // Names the state that was there before, in the history; empty when there was no database.
  std::string tag;
};

// Puts the state of `plan` in the place of the database at `path`, whose history `place` is, as one
// transaction of SQLite's (see replace_database). The state that was there gets a tag first.
// kDiffers when that state is not in the history and so would be lost, unless options.replace.
Result<RestoredInPlace> restore_in_place(const Job& job, const std::string& path,
                                         const SourcePlace& place, const RestorePlan& plan,
                                         const RestoreOptions& options);

}  // namespace litetool
