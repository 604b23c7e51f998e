// A thread with a ring of its own that serves one request at a time.
#pragma once

#include <liburing.h>

#include <atomic>
#include <functional>
#include <memory>
#include <thread>

#include "fuse/ring/entry.h"

namespace litetool::ring {

class Server {
 public:
  // Sets up the ring and the memory for requests of `processor`.
  static Result<std::unique_ptr<Server>> make(fuse_session* session, int device,
                                              unsigned processor);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Runs on the calling thread: gives the kernel the entry, calls `taken` with each request's
  // opcode before and `given` after it is answered, and returns when the connection is over or
  // `ended`. Error: the kernel refuses the entry.
  Status serve(const std::atomic<bool>& ended, const std::function<void(std::uint32_t)>& taken,
               const std::function<void()>& given);

  // The reply is for the request that this thread serves: it was taken.
  static bool take_reply(const iovec* pieces, int count);

 private:
  Server(fuse_session* session, int device) : session_(session), device_(device) {}
  bool enable_ring();
  void answer();
  Submission& submission();

  fuse_session* session_;
  int device_;
  bool has_ring_ = false;
  io_uring ring_{};
  Entry entry_;
};

}  // namespace litetool::ring
