// A program that is started later: forked at once, before this process changes its own state, and
// told to begin when what it needs is there.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <string>
#include <vector>

#include "core/os/unique_fd.h"
#include "formats/base/result.h"

namespace litetool {

class Child {
 public:
  // Forks; call it before any thread is started. The child keeps umask, limits, signals,
  // descriptors 0 to 2 and the environment (less NOTIFY_SOCKET) of this moment, and waits. argv[0]
  // is looked for in PATH. The object outlives the process.
  static Result<Child> prepare(const std::vector<std::string>& argv);
  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;
  // A child that never began ends; one that runs is left alone.
  ~Child() = default;

  // Lets it begin, in the working directory as its path now leads to it. kNotFound or kDenied when
  // the program cannot be run.
  Status begin();
  // Waits until it has ended: its exit code, or 128 + N when signal N ended it.
  int wait();
  // It has begun and has not ended.
  bool running() const { return running_; }
  // Passes a signal on while it runs; false when it does not.
  bool send(int signal) const;

 private:
  Child() = default;

  pid_t pid_ = -1;
  UniqueFd go_;      // a byte written here lets the child begin; closing it ends the child
  UniqueFd failed_;  // errno of an exec that failed; closed by one that did not
  std::string program_;
  std::atomic<bool> running_{false};
};

}  // namespace litetool
