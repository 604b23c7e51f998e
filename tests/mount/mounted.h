// A directory with litetool mounted over it, by the real binary, for as long as the object lives.
#pragma once

#include <sys/resource.h>

#include <string>
#include <vector>

#include "support/temp_dir.h"

namespace litetool::test {

// Whether this machine lets us mount at all; the reason when it does not.
std::string why_mounts_are_impossible();

// The mounts at a path, each as the directory of its file system that it shows: "/" for all of it.
std::vector<std::string> directories_shown_at(const std::string& path);

class Mounted {
 public:
  enum class Tier { kPassthrough, kCached };

  // Mounts over a new directory below `parent` (removed with it), or over one that is there. The
  // environment's LITETOOL_TEST_TRANSPORT is the mount's --transport.
  // `descriptors` is how many the daemon may have, soft and hard; zeros for as many as this
  // process.
  explicit Mounted(std::string directory, Tier tier = Tier::kPassthrough, rlimit descriptors = {});
  // Unmounts, waits, kills.
  ~Mounted();
  Mounted(const Mounted&) = delete;
  Mounted& operator=(const Mounted&) = delete;

  const std::string& path() const { return directory_; }
  std::string file(const std::string& name) const { return directory_ + "/" + name; }
  // The line that the mount printed when it was ready.
  const std::string& ready_line() const { return ready_line_; }
  // Of the daemon.
  int pid() const { return pid_; }

  // Unmounts from outside and returns the exit code of the daemon.
  int unmount();
  // SIGTERM; the exit code of the daemon.
  int terminate();
  // SIGKILL, and the dead mount is detached.
  void kill();
  // SIGKILL, and the dead mount stays.
  void kill_and_leave();

 private:
  int wait();

  std::string directory_;
  std::string ready_line_;
  int pid_ = -1;
};

}  // namespace litetool::test
