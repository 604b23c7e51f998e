// The kernel's switch for FUSE over io_uring: off by default, and one for the whole machine.
//
// A mount needs it on from before the kernel makes it until INIT is answered. Of several that start
// at the same moment each waits for its turn: who found it on would see it go off too early.
#pragma once

#include <utility>

#include "core/os/unique_fd.h"
#include "formats/base/result.h"

namespace litetool::ring {

inline constexpr const char* kSwitchFile = "/sys/module/fuse/parameters/enable_uring";

// While it lives, the kernel offers rings to servers that start; then the switch stands as before.
class KernelSwitch {
 public:
  // Turns it on if need be; may wait some seconds for other mounts that have it on.
  // kUnsupported: the kernel has no such switch; kDenied: not as this user.
  static Result<KernelSwitch> turn_on();
  KernelSwitch(KernelSwitch&& other) noexcept
      : turn_(std::move(other.turn_)), was_off_(std::exchange(other.was_off_, false)) {}
  KernelSwitch& operator=(KernelSwitch&&) = delete;
  ~KernelSwitch();

 private:
  KernelSwitch(UniqueFd turn, bool was_off) : turn_(std::move(turn)), was_off_(was_off) {}

  UniqueFd turn_;  // locked; given up after the switch is back
  bool was_off_;
};

}  // namespace litetool::ring
