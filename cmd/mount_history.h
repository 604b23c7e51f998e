// The history of a mount: where it lies, that it is this directory's, and that nobody else serves
// the one or writes the other.
#pragma once

#include "cmd/mount_plan.h"
#include "core/history/history_root.h"
#include "core/os/unique_fd.h"

namespace litetool {

struct MountHistory {
  HistoryRoot root;
  std::uint64_t node_id = 0;
  std::string note = {};  // what is worth a word about it; empty: nothing

  // Held for as long as the mount serves.
  UniqueFd parent = {};
  UniqueFd directory_lock = {};
  UniqueFd history_lock = {};
};

// kUsage for a history that programs would see in the mount.
Status refuse_seen_history(const MountPlan& plan);
// Makes the history if it is missing, and takes it. `directory` is the one to serve, still without
// anything over it, and outlives the result. kExists when another litetool is at work there.
Result<MountHistory> take_history(Env& env, const MountPlan& plan, int directory, bool adopt);

// Keeps others from writing the history in this folder (absolute), for one who is about to. kExists
// when another litetool is at work there.
Result<UniqueFd> lock_history(const std::string& history);

}  // namespace litetool
