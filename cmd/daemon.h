// A command that goes to the background once it is ready.
#pragma once

#include <atomic>
#include <optional>

#include "core/os/unique_fd.h"
#include "formats/base/result.h"

namespace litetool {

class Daemon {
 public:
  // Forks; call it before any thread is started. In the parent it returns when the child is ready
  // or has ended, with the exit code for the command: 0, or the child's, which has said why on
  // standard error. In the child, a session of its own, it returns nothing. `stop` set meanwhile
  // ends the child, with 130.
  Result<std::optional<int>> start(const std::atomic<bool>& stop);

  // In the child: lets go of standard input, output and error, then of the parent.
  void ready();

 private:
  UniqueFd ready_;
};

}  // namespace litetool
