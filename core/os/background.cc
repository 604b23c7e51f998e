#include "core/os/background.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace litetool {
namespace {

void set_nice(int nice) {
  (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), nice);
}

}  // namespace

void become_background_thread() {
  constexpr int kLowest = 19;
  set_nice(kLowest);
  // ioprio_set(2) has no wrapper: class 3 (idle) of the calling thread, in bits 13 and up.
  constexpr int kWhoThread = 1;
  constexpr int kIdleClass = 3 << 13;
  (void)::syscall(SYS_ioprio_set, kWhoThread, 0, kIdleClass);
}

void become_urgent_thread() {
  constexpr int kUrgent = -15;
  set_nice(kUrgent);
}

}  // namespace litetool
