#include "fuse/serve_loop.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include "formats/base/bytes.h"
#include "fuse/opcode.h"

namespace litetool {
namespace {

// What reading a request yields once the mount is gone. The library knows ENODEV, and makes 0 of
// it; a request that was on its way to us while the kernel tore the connection down ends with
// ECONNABORTED (fuse_dev_do_read, Linux 6.18).
bool is_over(int got) {
  return got == 0 || got == -ECONNABORTED;
}

// More requests than this never wait at the same time; a reader is never missing before that. It
// takes as many clients that open one database just while the kernel is asked for pages of it.
constexpr std::size_t kMaxWorkers = 512;
constexpr auto kWakeInterval = std::chrono::milliseconds(10);

bool is_answered_at_once(const fuse_buf& request) {
  constexpr std::size_t kOpcodeOffset = 4;
  if ((request.flags & FUSE_BUF_IS_FD) != 0) return false;  // in a pipe: a large WRITE
  if (request.size < kOpcodeOffset + sizeof(std::uint32_t)) return true;
  return answered_at_once(
      load<std::uint32_t>(static_cast<const char*>(request.mem) + kOpcodeOffset));
}

}  // namespace

int ServeLoop::run() {
  work();
  // Threads are added by handlers only, and the last handler ends before its thread does.
  for (std::size_t i = 0;; ++i) {
    std::thread worker;
    {
      const std::lock_guard lock(mutex_);
      if (i == workers_.size()) break;
      worker = std::move(workers_[i]);
    }
    worker.join();
  }
  return -error_;
}

void ServeLoop::stop() {
  ::fuse_session_exit(session_);
  std::unique_lock lock(mutex_);
  while (!ended_) {
    if (read_) ::pthread_kill(reader_, signal_);  // lost when it comes just before the wait: again
    free_.wait_for(lock, kWakeInterval);
  }
}

void ServeLoop::work() {
  fuse_buf buffer{};
  while (true) {
    {
      std::unique_lock lock(mutex_);
      ++idle_;
      free_.wait(lock, [this] { return ended_ || !read_; });
      --idle_;
      if (ended_) break;
      read_ = true;
      reader_ = ::pthread_self();
    }
    serve_as_reader(buffer);
  }
  std::free(buffer.mem);
}

// Returns when the reading was handed over, or when there is nothing more to read.
void ServeLoop::serve_as_reader(fuse_buf& buffer) {
  while (!::fuse_session_exited(session_)) {
    const int got = ::fuse_session_receive_buf(session_, &buffer);
    if (got == -EINTR) continue;
    if (got <= 0) {
      error_ = is_over(got) ? 0 : -got;
      break;
    }
    current() = this;
    if (!is_answered_at_once(buffer)) about_to_wait();
    ::fuse_session_process_buf(session_, &buffer);
    if (current() == nullptr) return;
    current() = nullptr;
  }
  const std::lock_guard lock(mutex_);
  read_ = false;
  ended_ = true;
  free_.notify_all();
}

void ServeLoop::about_to_wait() {
  const std::lock_guard lock(mutex_);
  if (idle_ == 0 && !add_worker()) return;  // this thread stays the reader, and comes back to it
  current() = nullptr;
  read_ = false;
  free_.notify_one();
}

bool ServeLoop::add_worker() {
  if (workers_.size() >= kMaxWorkers) return false;
  try {
    workers_.emplace_back([this] { work(); });
  } catch (const std::system_error&) {  // no more threads are allowed here: those there are go on
    return false;
  }
  return true;
}

}  // namespace litetool
