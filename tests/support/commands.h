// Commands of litetool in the process of the test, as main() runs them.
#pragma once

#include <string>
#include <vector>

#include "core/os/env.h"

namespace litetool::test {

struct Said {
  int code = 0;
  std::string out;
  std::string err;
};

// The words of a command line after "litetool". --json and --quiet are understood as always.
Said say(const std::vector<std::string>& words, Env& env = posix_env());

// The same for what must succeed (exit 0, or 3 where that only means differences); what it printed.
std::string said(const std::vector<std::string>& words);

}  // namespace litetool::test
