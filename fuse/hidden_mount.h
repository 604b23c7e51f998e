// A mount that nobody can reach yet.
//
// The kernel makes the inode of a file system's top directory before it learns that this file
// system has access control lists, and an inode of such an age never caches its own: each
// permission check of a client that does not own the directory would be a question to us. So the
// served directory is not the top one but the only thing in it, and it alone is put over the mount
// point. The top directory goes out of reach with that.
#pragma once

#include <string>

#include "core/os/unique_fd.h"
#include "formats/base/result.h"

namespace litetool {

class HiddenMount {
 public:
  // Mounts the connection of the device. kUnsupported when that would not help, because this kernel
  // (before Linux 6.15) or its rules do not let us put a part of a hidden mount into sight: then
  // the device is as it was. `mount_flags`: MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_NOATIME.
  static Result<HiddenMount> make(int device, unsigned long mount_flags);

  // Puts the served directory over `mount_point` (absolute), once the kernel has the answer to
  // INIT. Another thread must serve meanwhile. The mount is the caller's to take away from here on.
  Status show(const std::string& mount_point);

 private:
  explicit HiddenMount(UniqueFd top) : top_(std::move(top)) {}

  UniqueFd top_;
};

}  // namespace litetool
