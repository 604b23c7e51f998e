#include "fuse/passthrough.h"

#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "formats/base/bytes.h"
#include "fuse/opcode.h"
#include "fuse/ring/ring_set.h"

namespace litetool {
namespace {

constexpr std::size_t kRequestHeaderSize = 40;
constexpr std::size_t kInitRequestSize = 60;
constexpr std::uint32_t kMinorWithPassthrough = 40;
constexpr std::uint32_t kFlagInitExt = 1u << 30;
constexpr std::uint32_t kFlagHandleKillprivV2 = 1u << 28;
constexpr std::uint32_t kFlag2Passthrough = 1u << 5;
constexpr std::uint32_t kOpenPassthrough = 1u << 7;
// Of the reply to INIT. The backing file system must lie below this depth; 1 would exclude
// overlayfs, more is refused. The library counts without the mount itself, and adds it.
constexpr std::uint32_t kMaxStackDepth = 2;

struct BackingMap {
  std::int32_t fd;
  std::uint32_t flags;
  std::uint64_t padding;
};
constexpr unsigned kMagic = 229;
const unsigned long kBackingOpen = _IOW(kMagic, 1, BackingMap);
const unsigned long kBackingClose = _IOW(kMagic, 2, std::uint32_t);

constexpr auto kForgetPause = std::chrono::milliseconds(5);

// libfuse sends a reply on the thread that calls fuse_reply_*: set just before, cleared just after.
thread_local std::uint32_t next_backing_id = 0;

std::uint32_t word(const void* base, std::size_t offset) {
  return load<std::uint32_t>(static_cast<const char*>(base) + offset);
}

void set_word(void* base, std::size_t offset, std::uint32_t value) {
  std::memcpy(static_cast<char*>(base) + offset, &value, sizeof value);
}

ssize_t total_size(const iovec* pieces, int count) {
  ssize_t size = 0;
  for (int i = 0; i < count; ++i) size += static_cast<ssize_t>(pieces[i].iov_len);
  return size;
}

void edit_open_reply(const iovec* pieces, int count) {
  constexpr std::size_t kOpenOutSize = 16;
  const iovec& last = pieces[count - 1];
  if (count < 2 || last.iov_len < kOpenOutSize || word(pieces[0].iov_base, 4) != 0) return;
  char* open_out = static_cast<char*>(last.iov_base) + last.iov_len - kOpenOutSize;
  set_word(open_out, 8, word(open_out, 8) | kOpenPassthrough);
  set_word(open_out, 12, next_backing_id);
}

}  // namespace

Status Passthrough::attach(fuse_session* session, int device_fd, bool enabled) {
  device_fd_ = device_fd;
  enabled_ = enabled;
  static const fuse_custom_io kHooks = [] {
    fuse_custom_io hooks{};
    hooks.writev = on_writev;
    hooks.read = on_read;
    return hooks;
  }();
  if (const int err = ::fuse_session_custom_io(session, &kHooks, device_fd); err != 0) {
    return Error::from_errno(err < 0 ? -err : errno, "attach to /dev/fuse");
  }
  return {};
}

void Passthrough::on_init(fuse_conn_info* connection) {
#ifdef FUSE_CAP_PASSTHROUGH
  if (!enabled_ || (connection->capable & FUSE_CAP_PASSTHROUGH) == 0) return;
  connection->want |= FUSE_CAP_PASSTHROUGH;
  connection->max_backing_stack_depth = kMaxStackDepth - 1;
  negotiated_ = true;
#else
  (void)connection;
#endif
}

bool Passthrough::probe(int file_fd) {
  if (!negotiated()) return false;
  const Result<int> id = open_backing(file_fd);
  if (id) close_backing(*id);
  negotiated_ = id.ok();
  return id.ok();
}

Result<int> Passthrough::open_backing(int file_fd) const {
  BackingMap map{file_fd, 0, 0};
  const int id = ::ioctl(device_fd_, kBackingOpen, &map);
  if (id <= 0) return Error::from_errno(errno, "register backing file");
  return id;
}

void Passthrough::close_backing(int backing_id) const {
  auto id = static_cast<std::uint32_t>(backing_id);
  // Fails only when the connection is gone, and the ids with it.
  (void)::ioctl(device_fd_, kBackingClose, &id);
}

int Passthrough::reply_open(fuse_req_t request, fuse_file_info& info, int backing_id) const {
#ifdef FUSE_CAP_PASSTHROUGH
  info.backing_id = backing_id;
  return ::fuse_reply_open(request, &info);
#else
  next_backing_id = static_cast<std::uint32_t>(backing_id);
  const int result = ::fuse_reply_open(request, &info);
  next_backing_id = 0;
  return result;
#endif
}

int Passthrough::reply_create(fuse_req_t request, const fuse_entry_param& entry,
                              fuse_file_info& info, int backing_id) const {
#ifdef FUSE_CAP_PASSTHROUGH
  info.backing_id = backing_id;
  return ::fuse_reply_create(request, &entry, &info);
#else
  next_backing_id = static_cast<std::uint32_t>(backing_id);
  const int result = ::fuse_reply_create(request, &entry, &info);
  next_backing_id = 0;
  return result;
#endif
}

ssize_t Passthrough::on_read(int fd, void* buffer, std::size_t size, void* user_data) {
  auto* self = &static_cast<PassthroughHolder*>(user_data)->passthrough;
  // Beside rings nothing comes here that anybody waits for: what the kernel forgets is collected,
  // so that each client that removes a file does not have to wake us.
  if (self->over_rings()) std::this_thread::sleep_for(kForgetPause);
  const ssize_t n = ::read(fd, buffer, size);
  if (n < static_cast<ssize_t>(kRequestHeaderSize)) return n;
  if (!self->init_answered_) {
    self->look_at_request(static_cast<const char*>(buffer), static_cast<std::size_t>(n));
  }
  adapt_request(buffer);
  return n;
}

// The same message with another name; O_TMPFILE in its flags tells it apart.
void Passthrough::adapt_request(void* message) {
  if (word(message, 4) == kOpTmpfile) set_word(message, 4, kOpCreate);
}

void Passthrough::look_at_request(const char* message, std::size_t size) {
  if (size < kInitRequestSize || word(message, 4) != kOpInit) return;
  const std::uint32_t flags = word(message, 52);
  offered_killpriv_ = (flags & kFlagHandleKillprivV2) != 0;
  offered_passthrough_ = word(message, 44) >= kMinorWithPassthrough &&
                         (flags & kFlagInitExt) != 0 &&
                         (word(message, 56) & kFlag2Passthrough) != 0;
  offered_rings_ = (flags & kFlagInitExt) != 0 && (word(message, 56) & ring::kFlag2OverRing) != 0;
  init_unique_ = load<std::uint64_t>(message + 8);
}

ssize_t Passthrough::on_writev(int fd, iovec* pieces, int count, void* user_data) {
  auto* self = &static_cast<PassthroughHolder*>(user_data)->passthrough;
  bool answers_init = false;
  if (next_backing_id != 0) {
    edit_open_reply(pieces, count);
  } else if (self->init_unique_ != 0) {
    self->edit_init_reply(pieces, count);
    answers_init = self->init_answered_;
  }
  if (ring::Server::take_reply(pieces, count)) return total_size(pieces, count);
  const ssize_t written = ::writev(fd, pieces, count);
  if (answers_init && self->over_rings() && written > 0) self->rings_->start();
  return written;
}

void Passthrough::edit_init_reply(iovec* pieces, int count) {
  constexpr std::size_t kHeaderSize = 16;
  constexpr std::size_t kBodySize = 64;
  if (count != 2 || pieces[0].iov_len != kHeaderSize || pieces[1].iov_len < kBodySize) return;
  const void* header = pieces[0].iov_base;
  void* body = pieces[1].iov_base;
  const bool is_init_reply =
      load<std::uint64_t>(static_cast<const char*>(header) + 8) == init_unique_ &&
      word(header, 4) == 0 && word(body, 0) == 7;
  if (!is_init_reply) return;
  init_unique_ = 0;
  init_answered_ = true;
  if (offered_killpriv_) set_word(body, 12, word(body, 12) | kFlagHandleKillprivV2);
  if (rings_ != nullptr && offered_rings_) {
    set_word(body, 12, word(body, 12) | kFlagInitExt);
    set_word(body, 32, word(body, 32) | ring::kFlag2OverRing);
    over_rings_ = true;
  }
#ifndef FUSE_CAP_PASSTHROUGH
  if (!enabled_ || !offered_passthrough_) return;
  set_word(body, 4, kMinorWithPassthrough);
  set_word(body, 12, word(body, 12) | kFlagInitExt);
  set_word(body, 32, word(body, 32) | kFlag2Passthrough);
  set_word(body, 36, kMaxStackDepth);
  negotiated_.store(true, std::memory_order_release);
#endif
}

}  // namespace litetool
