// A mount served by threads of this process, so that a test can look into it.
#pragma once

#include <fcntl.h>
#include <sys/mount.h>

#include <catch2/catch.hpp>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "core/capture/witness.h"
#include "fuse/session.h"

namespace litetool::test {

class ServedHere {
 public:
  // The commits in a directory, from the start on, or only what a test asks for.
  enum class Witnesses { kNothing, kCommits };
  ServedHere(const std::string& directory, Tier tier, Witnesses witnesses = Witnesses::kNothing,
             Env& env = posix_env())
      : directory_(directory), capture_(witnesses == Witnesses::kCommits) {
    UniqueFd root(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    REQUIRE(root.valid());
    root_ = root.get();
    witness_.emplace(CaptureContext{env, root_, HistoryRoot{root_}, 1, [](const std::string&) {}});
    if (capture_) REQUIRE(witness_->start());
    fs_.emplace(std::move(root), *witness_, peek_);
    options_.mount_point = directory;
    options_.tier = tier;
    options_.on_ready = [this](bool passthrough) { ready_.set_value(passthrough); };
    options_.warn = [](const std::string&) {};
    thread_ = std::thread([this] { (void)serve(*fs_, options_); });
    passthrough_ = ready_.get_future().get();
  }
  ~ServedHere() {
    (void)::umount2(directory_.c_str(), MNT_DETACH);
    thread_.join();
    if (capture_) witness_->stop(true);
  }

  bool passthrough() const { return passthrough_; }
  CachePeek& peek() { return peek_; }
  Witness& witness() { return *witness_; }
  int root() const { return root_; }

 private:
  std::string directory_;
  bool capture_;
  int root_ = -1;
  CachePeek peek_;
  std::optional<Witness> witness_;
  std::optional<FileSystem> fs_;
  SessionOptions options_;
  std::promise<bool> ready_;
  std::thread thread_;
  bool passthrough_ = false;
};

}  // namespace litetool::test
