// A file's data on its way to the disk while the thread goes on with something else.
//
// The kernel does the waiting (Linux AIO); no thread of ours is woken for it.
#pragma once

#include <cstdint>

namespace litetool {

class BackgroundSync {
 public:
  BackgroundSync() = default;
  ~BackgroundSync() { (void)wait(); }
  BackgroundSync(const BackgroundSync&) = delete;
  BackgroundSync& operator=(const BackgroundSync&) = delete;

  // Begins an fdatasync of what was written until now. False where the kernel takes no such
  // requests: nothing was begun, and the caller syncs itself.
  bool start(int fd);
  bool running() const { return context_ != 0; }
  // Waits until it is done; 0 or the errno of the fdatasync. 0 when nothing is running.
  int wait();

 private:
  std::uint64_t context_ = 0;  // of the kernel, while it is running
};

}  // namespace litetool
