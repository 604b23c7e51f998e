// Hears of writes to files without looking at them: inotify, in this one place.
//
// Stores through a mapping are not heard of. A watch reports once and is gone, so that a busy file
// costs nothing. One thread waits; wake() may be called from any.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "core/os/unique_fd.h"
#include "formats/base/result.h"

namespace litetool {

class FileWatch {
 public:
  // The kernel's limits may leave no instance for this user.
  static Result<std::unique_ptr<FileWatch>> create();

  // Watches the file `path` below the directory `dir` for its next write, or its removal. The
  // number stands for the file: the same file by another name, or once more, has the same.
  // kNotFound when it is not there; any other error is a limit of the kernel's.
  Result<int> watch_once(int dir, const std::string& path);
  // Takes a watch back that has not reported.
  void forget(int watch);

  // The watches that have reported since the last call. Waits up to `timeout` for one (for ever
  // when it is negative), or until wake().
  std::vector<int> wait(std::chrono::milliseconds timeout);
  // Ends a wait that is under way, or the next one.
  void wake();

 private:
  FileWatch(UniqueFd events, UniqueFd wakes)
      : events_(std::move(events)), wakes_(std::move(wakes)) {}

  UniqueFd events_;
  UniqueFd wakes_;
};

}  // namespace litetool
