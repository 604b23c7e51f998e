#include "core/os/background.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace litetool {

void become_background_thread() {
  constexpr int kLowest = 19;
  (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kLowest);
  // ioprio_set(2) has no wrapper: class 3 (idle) of the calling thread, in bits 13 and up.
  constexpr int kWhoThread = 1;
  constexpr int kIdleClass = 3 << 13;
  (void)::syscall(SYS_ioprio_set, kWhoThread, 0, kIdleClass);
}

}  // namespace litetool
