// Serves the requests of a session with one reader at a time.
//
// A request that is answered at once is answered by the thread that read it, which then reads the
// next one: no other thread wakes up, and what the processor has cached stays where it is. A
// request that may wait for a disk or for a capture hands the reading over first, and so does one
// that meets a PoliteMutex: one database's fsync never delays another's requests. libfuse's own
// loop lets all its threads wait for requests; the kernel wakes them in turn, and each answer
// starts on a cold processor.
#pragma once

#ifndef FUSE_USE_VERSION
#define FUSE_USE_VERSION FUSE_MAKE_VERSION(3, 12)
#endif
#include <fuse_lowlevel.h>
#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "core/os/polite_mutex.h"

namespace litetool {

class ServeLoop : private WaitListener {
 public:
  // `wake_signal` has a handler that does nothing; it interrupts a thread that waits for a request.
  ServeLoop(fuse_session* session, int wake_signal) : session_(session), signal_(wake_signal) {}
  ServeLoop(const ServeLoop&) = delete;
  ServeLoop& operator=(const ServeLoop&) = delete;

  // Serves until the file system is unmounted or stop() was called; 0 or a negative errno.
  int run();
  // From any other thread: run() returns soon, when the requests being served are answered.
  void stop();

 private:
  void work();
  void serve_as_reader(fuse_buf& buffer);
  // A handler has to wait: another thread becomes the reader.
  void about_to_wait() override;
  bool add_worker();

  fuse_session* session_;
  int signal_;
  std::atomic<bool> ended_{false};
  std::atomic<int> error_{0};

  std::mutex mutex_;  // guards what follows
  std::condition_variable free_;
  bool read_ = false;  // a thread is the reader
  pthread_t reader_{};
  int idle_ = 0;  // threads that could become the reader
  std::vector<std::thread> workers_;
};

}  // namespace litetool
