#include "core/os/unique_fd.h"

#include <unistd.h>

namespace litetool {

void UniqueFd::reset(int fd) {
  // Only descriptors whose data is already safe end here: writers close through File::close().
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

}  // namespace litetool
