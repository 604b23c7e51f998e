#include "fuse/ring/server.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "fuse/passthrough.h"

namespace litetool::ring {
namespace {

thread_local Entry* serving = nullptr;

// What a command ends with when the mount has gone, or goes.
bool is_over(int result) {
  return result == -ENOTCONN || result == -ECONNABORTED || result == -ECANCELED;
}

}  // namespace

Result<std::unique_ptr<Server>> Server::make(fuse_session* session, int device,
                                             unsigned processor) {
  std::unique_ptr<Server> server(new Server(session, device));
  constexpr unsigned kSubmissions = 1;
  // Made by one thread and used by another, which alone gives and gets, so that nothing interrupts
  // it in between.
  constexpr unsigned kFlags = IORING_SETUP_SQE128 | IORING_SETUP_R_DISABLED |
                              IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
  const int result = ::io_uring_queue_init(kSubmissions, &server->ring_, kFlags);
  if (result < 0) return Error::from_errno(-result, "set up an io_uring");
  server->has_ring_ = true;
  LT_TRY(server->entry_.reserve(processor));
  return server;
}

Server::~Server() {
  if (has_ring_) ::io_uring_queue_exit(&ring_);
}

Status Server::serve(const std::atomic<bool>& ended,
                     const std::function<void(std::uint32_t)>& taken,
                     const std::function<void()>& given) {
  if (!enable_ring()) return Error::from_errno(errno, "begin to use an io_uring");
  entry_.prepare_register(submission(), device_);
  while (!ended) {
    const int result = ::io_uring_submit_and_wait(&ring_, 1);
    io_uring_cqe* completion = nullptr;
    if (::io_uring_peek_cqe(&ring_, &completion) != 0) {
      if (result >= 0 || result == -EINTR) continue;
      return Error::from_errno(-result, "wait for a request");
    }
    const int arrived = completion->res;
    ::io_uring_cqe_seen(&ring_, completion);
    if (arrived < 0 && !is_over(arrived)) {
      return Error::from_errno(-arrived, "give the kernel memory for requests");
    }
    if (arrived < 0) break;
    taken(entry_.opcode());
    answer();
    given();
  }
  return {};
}

// Of liburing's own function Debian 12 has the declaration only.
bool Server::enable_ring() {
  return ::syscall(SYS_io_uring_register, ring_.ring_fd, IORING_REGISTER_ENABLE_RINGS, nullptr,
                   0) == 0;
}

void Server::answer() {
  fuse_buf request = entry_.request();
  Passthrough::adapt_request(request.mem);
  serving = &entry_;
  ::fuse_session_process_buf(session_, &request);
  serving = nullptr;
  entry_.finish();
  entry_.prepare_commit(submission(), device_);
}

bool Server::take_reply(const iovec* pieces, int count) {
  return serving != nullptr && serving->take_reply(pieces, count);
}

// There is one command at a time, so there is room for it.
Submission& Server::submission() {
  return *reinterpret_cast<Submission*>(::io_uring_get_sqe(&ring_));
}

}  // namespace litetool::ring
