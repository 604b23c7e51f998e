// A mutex for threads that others depend on: a thread that has to wait for it says so first.
//
// The thread that reads the requests of a mount answers the short ones itself. When one of them
// meets a lock that a capture holds, somebody else has to go on reading: WaitListener is how it
// hears of that.
#pragma once

#include <mutex>

namespace litetool {

class WaitListener {
 public:
  // Called on the thread that is about to wait, which holds none of the listener's locks.
  virtual void about_to_wait() = 0;

  // Of this thread; null when nobody needs to know.
  static WaitListener*& current() {
    thread_local WaitListener* listener = nullptr;
    return listener;
  }
  // For whoever is about to wait for anything else than a lock, or to work for long.
  static void tell() {
    if (WaitListener* listener = current()) listener->about_to_wait();
  }

 protected:
  ~WaitListener() = default;
};

// For std::lock_guard and std::unique_lock; std::condition_variable_any waits on it.
class PoliteMutex {
 public:
  void lock() {
    if (mutex_.try_lock()) return;
    WaitListener::tell();
    mutex_.lock();
  }
  bool try_lock() { return mutex_.try_lock(); }
  void unlock() { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

}  // namespace litetool
