// Who a mount answers to while it serves: its child program, the service manager, signals.
//
// The child begins when the mount is ready and gets the signals that litetool gets; when it has
// ended, the mount ends. Without a child, signals end the mount.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <thread>

#include "core/os/child.h"
#include "core/os/log.h"

namespace litetool {

class Supervisor {
 public:
  // `child` is prepared, or nothing. The log outlives the object.
  Supervisor(std::optional<Child> child, Log& log) : child_(std::move(child)), log_(log) {}
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;
  // Waits for a child that runs.
  ~Supervisor();

  bool has_command() const { return child_.has_value(); }
  // The mount serves: starts the child, unless a stop signal has come meanwhile.
  void ready(const std::string& what);
  // For SessionOptions::stops.
  bool stops(int signal, bool from_terminal);
  // The mount is over: ends the child if it still runs. The exit code for the command: the child's,
  // 128 + N when signal N came before it could begin, 0 without one; or why it could not be run.
  Result<int> finish();

 private:
  void wait_for_child();

  std::optional<Child> child_;
  Log& log_;
  std::optional<Error> refused_;  // why the child could not be run
  std::thread waiter_;
  std::atomic<int> child_code_{0};
  std::atomic<int> stop_signal_{0};  // the first that ended the mount
};

}  // namespace litetool
