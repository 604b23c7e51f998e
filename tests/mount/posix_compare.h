// The same calls in a mount and in a plain directory, and what differs.
#pragma once

#include <sys/types.h>

#include <vector>

#include "mount/mounted.h"
#include "mount/posix_calls.h"

namespace litetool::test {

// Who makes the calls. The group is the one with the user's number.
struct Caller {
  uid_t user = 0;
  std::vector<gid_t> groups;  // the other ones
};

// Checks that each scenario has the same results in a mount and in a plain directory. Each runs in
// a new directory, the caller's own, with some files of root.
void compare(const std::vector<Scenario>& scenarios, const Caller& caller, Mounted::Tier tier);

}  // namespace litetool::test
