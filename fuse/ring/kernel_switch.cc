#include "fuse/ring/kernel_switch.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <thread>

namespace litetool::ring {
namespace {

// Only root may open it, so nobody else can keep mounts waiting.
constexpr const char* kTurnFile = "/run/litetool-enable-uring";
// A mount has the switch on for some milliseconds. One that hangs in there does not stop others.
constexpr auto kPatience = std::chrono::seconds(5);
constexpr auto kPause = std::chrono::milliseconds(1);

bool set_switch(char value) {
  const UniqueFd file(::open(kSwitchFile, O_WRONLY | O_CLOEXEC));
  return file.valid() && ::write(file.get(), &value, 1) == 1;
}

// What it says; 0 where there is none.
char look_at_switch() {
  char value = 0;
  const UniqueFd file(::open(kSwitchFile, O_RDONLY | O_CLOEXEC));
  return file.valid() && ::read(file.get(), &value, 1) == 1 ? value : '\0';
}

// Invalid where there can be none: then a mount may lose the rings to another one.
UniqueFd wait_for_turn() {
  UniqueFd turn(::open(kTurnFile, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (turn.valid() && ::flock(turn.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK || std::chrono::steady_clock::now() >= end) return {};
    std::this_thread::sleep_for(kPause);
  }
  return turn;
}

}  // namespace

Result<KernelSwitch> KernelSwitch::turn_on() {
  if (look_at_switch() == '\0') {
    return Error(Errc::kUnsupported, "this kernel has no FUSE over io_uring (needs Linux 6.14)");
  }
  UniqueFd turn = wait_for_turn();
  if (look_at_switch() == 'Y') return KernelSwitch({}, false);
  if (set_switch('Y')) return KernelSwitch(std::move(turn), true);
  return Error(Errc::kDenied,
               std::string("FUSE over io_uring is off (root can write Y to ") + kSwitchFile + ")");
}

KernelSwitch::~KernelSwitch() {
  if (!was_off_) return;
  (void)set_switch('N');
  (void)::flock(turn_.get(), LOCK_UN);  // a process that was forked meanwhile has the file too
}

}  // namespace litetool::ring
