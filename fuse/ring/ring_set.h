// The rings of a mount: a crew for each processor that there could be.
#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "fuse/ring/crew.h"
#include "fuse/ring/kernel_switch.h"

namespace litetool::ring {

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
