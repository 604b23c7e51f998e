// The capture of a directory as the mount runs it, without a mount: tests play the clients, and
// tell of events themselves.
#pragma once

#include <fcntl.h>

#include <catch2/catch.hpp>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/capture/witness.h"
#include "core/os/unique_fd.h"

namespace litetool::test {

class Run {
 public:
  explicit Run(const std::string& directory, Env& env = posix_env(),
               Pgno most_pages = most_pages_here())
      : dir_(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)),
        witness_(CaptureContext{env,
                                dir_.get(),
                                HistoryRoot{dir_.get()},
                                1,
                                [this](const std::string& message) {
                                  const std::lock_guard lock(mutex_);
                                  warnings_.push_back(message);
                                },
                                {},
                                nullptr,
                                most_pages}) {
    LT_CHECK(witness_.start().ok());
  }

  // Whatever had to be loaded is; false after a minute.
  bool loaded() { return witness_.wait_loaded(std::chrono::minutes(1)); }
  Witness& witness() { return witness_; }
  std::shared_ptr<Database> database(const std::string& path) { return witness_.database_of(path); }
  std::vector<std::string> warnings() {
    const std::lock_guard lock(mutex_);
    return warnings_;
  }
  // The status of one database; its path is empty when it is not among those told of.
  DatabaseStatus status(const std::string& path) {
    for (DatabaseStatus& status : witness_.status()) {
      if (status.path == path) return status;
    }
    return {};
  }
  // Ends it as an unmount does. Without this, the destructor is the death of the daemon.
  void stop() { witness_.stop(true); }

 private:
  UniqueFd dir_;
  std::mutex mutex_;
  std::vector<std::string> warnings_;
  Witness witness_;
};

}  // namespace litetool::test
