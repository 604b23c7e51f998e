// Memory for one request and its reply, shared with the kernel.
#pragma once

#ifndef FUSE_USE_VERSION
#define FUSE_USE_VERSION FUSE_MAKE_VERSION(3, 12)
#endif
#include <fuse_lowlevel.h>
#include <liburing.h>
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>

#include "formats/base/result.h"
#include "fuse/ring/protocol.h"

namespace litetool::ring {

// What a request carries besides its headers, and what a reply does, is at most this: max_write of
// the connection, of which libfuse makes its max_pages.
constexpr unsigned kMaxPayload = 1u << 20;

class Entry {
 public:
  Entry() = default;
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;
  ~Entry();

  // The memory, of which the kernel and we touch what messages need; for the queue of a processor.
  Status reserve(unsigned processor);

  // Fills a submission: asks for the first request, or gives the reply and asks for the next one.
  void prepare_register(Submission& submission, int device);
  void prepare_commit(Submission& submission, int device);

  // The request that has come, as read(2) would have given it; valid until the commit.
  fuse_buf request();
  std::uint32_t opcode() const;

  // Takes the reply to `unique` from what libfuse would write(2); false when this is not for the
  // request in here.
  bool take_reply(const iovec* pieces, int count);
  // A request that the handler does not answer is answered with success, so that it ends.
  void finish();

 private:
  void prepare(Submission& submission, int device, Command command);

  std::byte* memory_ = nullptr;  // Header, room for the start of a message, payload
  std::uint16_t queue_ = 0;
  std::uint64_t unique_ = 0;
  bool replied_ = false;
  iovec parts_[2]{};
};

}  // namespace litetool::ring
