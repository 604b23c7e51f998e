#include "fuse/ring/ring_set.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "core/os/processors.h"
#include "core/os/unique_fd.h"

namespace litetool::ring {
namespace {

bool set_switch(char value) {
  const UniqueFd file(::open(kSwitchFile, O_WRONLY | O_CLOEXEC));
  return file.valid() && ::write(file.get(), &value, 1) == 1;
}

}  // namespace

Result<KernelSwitch> KernelSwitch::turn_on() {
  char value = 0;
  const UniqueFd file(::open(kSwitchFile, O_RDONLY | O_CLOEXEC));
  if (!file.valid() || ::read(file.get(), &value, 1) != 1) {
    return Error(Errc::kUnsupported, "this kernel has no FUSE over io_uring (needs Linux 6.14)");
  }
  if (value == 'Y') return KernelSwitch(false);
  if (set_switch('Y')) return KernelSwitch(true);
  return Error(Errc::kDenied,
               std::string("FUSE over io_uring is off (root can write Y to ") + kSwitchFile + ")");
}

KernelSwitch::~KernelSwitch() {
  if (was_off_) (void)set_switch('N');
}

Result<std::unique_ptr<RingSet>> RingSet::make(Crew::Place place, KernelSwitch on) {
  LT_ASSIGN(const unsigned possible, possible_processors());
  std::unique_ptr<RingSet> set(new RingSet(std::move(place), std::move(on)));
  for (unsigned processor = 0; processor < possible; ++processor) {
    LT_ASSIGN(std::unique_ptr<Crew> crew, Crew::make(set->place_, processor));
    set->crews_.push_back(std::move(crew));
  }
  return set;
}

void RingSet::start() {
  switch_.reset();  // once in use it stays so for this mount
  for (const auto& crew : crews_) crew->start();
}

void RingSet::stop() {
  for (const auto& crew : crews_) crew->stop();
}

}  // namespace litetool::ring
