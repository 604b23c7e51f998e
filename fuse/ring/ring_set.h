// The rings of a mount: a crew for each processor that there could be.
//
// The kernel's switch for such rings is off by default and belongs to the whole machine: it is
// turned on for as long as the mount is being made.
#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "fuse/ring/crew.h"

namespace litetool::ring {

inline constexpr const char* kSwitchFile = "/sys/module/fuse/parameters/enable_uring";

// While it lives, the kernel offers rings to servers that start; then the switch stands as before.
class KernelSwitch {
 public:
  // Turns it on if need be. kUnsupported: the kernel has no such switch; kDenied: not as this user.
  static Result<KernelSwitch> turn_on();
  KernelSwitch(KernelSwitch&& other) noexcept : was_off_(std::exchange(other.was_off_, false)) {}
  KernelSwitch& operator=(KernelSwitch&&) = delete;
  ~KernelSwitch();

 private:
  explicit KernelSwitch(bool was_off) : was_off_(was_off) {}
  bool was_off_;
};

class RingSet {
 public:
  // Everything that can fail, before INIT is answered. `on` stays until start(). The session and
  // the device must outlive the threads, which stop() ends.
  static Result<std::unique_ptr<RingSet>> make(Crew::Place place, KernelSwitch on);

  // From the reply to INIT on; the kernel holds all requests back until then.
  void start();
  void stop();

 private:
  RingSet(Crew::Place place, KernelSwitch on) : place_(std::move(place)), switch_(std::move(on)) {}

  const Crew::Place place_;
  std::optional<KernelSwitch> switch_;
  std::vector<std::unique_ptr<Crew>> crews_;
};

}  // namespace litetool::ring
