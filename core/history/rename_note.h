// The file "rename": the rename of a database, or of a directory with databases, that is being
// done.
//
// A file and its history get their new names one after the other. Whoever is killed in between
// leaves this note, and the next start goes on.
//
// Fields, each ended by a NUL: the inode of what is renamed, its old and new name, and those of
// each database below it. Paths are relative to the mounted directory.
#pragma once

#include <string>
#include <vector>

#include "core/history/history_root.h"
#include "core/os/env.h"

namespace litetool {

struct RenameNote {
  struct Names {
    std::string from;
    std::string to;
  };
  std::uint64_t inode = 0;
  std::vector<Names> names;  // what is renamed first
};

// On the disk when it returns.
Status write_rename_note(Env& env, const HistoryRoot& root, const RenameNote& note);
Status remove_rename_note(Env& env, const HistoryRoot& root);
// If there is a note of a rename below `dir` that was done (nothing has the old name, and what had
// it has the new one), the histories follow that have not. The note goes. Nobody else may be at
// work on the histories. After an error the note stays.
Status finish_noted_rename(Env& env, int dir, const HistoryRoot& root);

// The history of a database gets the name of another, if it has one; kExists when that has one too.
// After an error nothing was moved. On the disk after sync_moved_histories().
Status move_history(Env& env, const HistoryRoot& root, const std::string& from,
                    const std::string& to);
Status sync_moved_histories(Env& env, const HistoryRoot& root);

}  // namespace litetool
