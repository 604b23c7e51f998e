// Held while a death would harm the database without litetool, too (journal_mode OFF, a copy half
// done): nothing is killed then. Not held: something is about to be killed.
#pragma once

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "soak/place.h"

namespace litetool::soak {

class Shield {
 public:
  explicit Shield(const Place& place)
      : fd_(::open((place.logs + "/shield").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
    held_ = ::flock(fd_, LOCK_SH | LOCK_NB) == 0;
  }
  ~Shield() { ::close(fd_); }
  Shield(const Shield&) = delete;
  Shield& operator=(const Shield&) = delete;
  bool held() const { return held_; }

 private:
  int fd_;
  bool held_ = false;
};

}  // namespace litetool::soak
