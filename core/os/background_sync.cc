#include "core/os/background_sync.h"

#include <linux/aio_abi.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>
#include <vector>

#include "formats/base/result.h"

namespace litetool {
namespace {

// Contexts are kept for the next one: giving one back to the kernel waits for all its processors.
class Contexts {
 public:
  // 0 when the kernel has none.
  aio_context_t take() {
    {
      const std::lock_guard lock(mutex_);
      if (!free_.empty()) {
        const aio_context_t context = free_.back();
        free_.pop_back();
        return context;
      }
    }
    aio_context_t made = 0;
    return ::syscall(SYS_io_setup, 1, &made) == 0 ? made : 0;
  }
  void give_back(aio_context_t context) {
    const std::lock_guard lock(mutex_);
    free_.push_back(context);
  }

 private:
  std::mutex mutex_;
  std::vector<aio_context_t> free_;
};

// Never destroyed: files may be closed when the process is about to end.
Contexts& contexts() {
  static Contexts& all = *new Contexts;
  return all;
}

}  // namespace

bool BackgroundSync::start(int fd) {
  LT_CHECK(!running());
  context_ = contexts().take();
  if (context_ == 0) return false;
  iocb request{};
  request.aio_lio_opcode = IOCB_CMD_FDSYNC;
  request.aio_fildes = static_cast<std::uint32_t>(fd);
  iocb* requests[] = {&request};
  if (::syscall(SYS_io_submit, context_, 1, requests) == 1) return true;
  contexts().give_back(context_);
  context_ = 0;
  return false;
}

int BackgroundSync::wait() {
  if (!running()) return 0;
  io_event done{};
  long n = 0;
  do {
    n = ::syscall(SYS_io_getevents, context_, 1, 1, &done, nullptr);
  } while (n < 0 && errno == EINTR);
  LT_CHECK(n == 1);
  contexts().give_back(context_);
  context_ = 0;
  return done.res < 0 ? static_cast<int>(-done.res) : 0;
}

}  // namespace litetool
