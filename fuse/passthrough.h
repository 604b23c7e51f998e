// Kernel passthrough: reads, writes and mappings of an open file go straight to a backing file.
//
// Since Linux 6.9 the server may name a backing file in the reply to OPEN or CREATE. The feature is
// negotiated in INIT. libfuse knows it from 3.17 on, and does it for us. Before, this class edits
// the messages on their way (fuse_session_custom_io), with the layouts below; in every version it
// does so for what no libfuse does for us, which is the rest of this comment, and the rings.
//
// INIT request (bytes from the start of the message)      INIT reply body (after the 16-byte
// header)
//   off size field                                          off size field
//     4    4 opcode, 26 = INIT                                 4    4 minor, becomes 40
//     8    8 unique                                           12    4 flags, bits 28 and 30 set
//    44    4 minor, 40 or more needed                         32    4 flags2, bit 5 set
//    52    4 flags, bit 30 = INIT_EXT,                        36    4 max_stack_depth, 2
//              bit 28 = HANDLE_KILLPRIV_V2
//    56    4 flags2, bit 5 = PASSTHROUGH
// OPEN and CREATE reply: the last 16 bytes are fh (8), open_flags (4, bit 7 = PASSTHROUGH) and the
// backing id (4).
//
// TMPFILE (51) is unknown to old versions too. It looks like CREATE (35) and becomes one, with
// O_TMPFILE among the flags.
//
// HANDLE_KILLPRIV_V2 is asked for because without it the kernel looks for security.capability, with
// a GETXATTR of its own, before every single WRITE; in return we strip set-user-id bits ourselves.
//
// Rules of the kernel that callers keep: one backing id per inode while it is open; never together
// with FOPEN_KEEP_CACHE; never mixed with page-cache opens of the same inode (EIO).
#pragma once

#ifndef FUSE_USE_VERSION
#define FUSE_USE_VERSION FUSE_MAKE_VERSION(3, 12)
#endif
#include <fuse_lowlevel.h>

#include <atomic>
#include <cstdint>

#include "formats/base/result.h"

namespace litetool {

namespace ring {
class RingSet;
}

class Passthrough {
 public:
  // Takes over the traffic of `session` on the descriptor of /dev/fuse. With `enabled` false
  // nothing is negotiated and every file stays in the page cache.
  Status attach(fuse_session* session, int device_fd, bool enabled);

  // Before the first request: where the kernel offers it, requests come over these rings, which are
  // started when INIT is answered.
  void use_rings(ring::RingSet& rings) { rings_ = &rings; }
  // Requests come over the rings.
  bool over_rings() const { return over_rings_.load(std::memory_order_acquire); }

  // What on_read does to a request, for one that comes another way.
  static void adapt_request(void* message);

  // From the INIT handler: has libfuse negotiate it where it knows how (3.17 and later).
  void on_init(fuse_conn_info* connection);

  // True once the kernel has been offered passthrough and has not refused it.
  bool negotiated() const { return negotiated_.load(std::memory_order_acquire); }
  // Opens and closes a backing file once; the kernel refuses silently, so this decides the tier.
  bool probe(int file_fd);

  // A new backing id for a file, > 0; the descriptor may be closed afterwards.
  Result<int> open_backing(int file_fd) const;
  void close_backing(int backing_id) const;

  // Reply to OPEN or CREATE with a backing id. They return what fuse_reply_open and
  // fuse_reply_create return: -ENOENT means that the client has gone and no RELEASE will come.
  int reply_open(fuse_req_t request, fuse_file_info& info, int backing_id) const;
  int reply_create(fuse_req_t request, const fuse_entry_param& entry, fuse_file_info& info,
                   int backing_id) const;

 private:
  static ssize_t on_read(int fd, void* buffer, std::size_t size, void* self);
  static ssize_t on_writev(int fd, iovec* pieces, int count, void* self);
  void look_at_request(const char* message, std::size_t size);
  void edit_init_reply(iovec* pieces, int count);

  int device_fd_ = -1;
  bool enabled_ = false;
  std::atomic<bool> negotiated_{false};
  std::atomic<std::uint64_t> init_unique_{0};  // of an INIT request not yet answered
  std::atomic<bool> init_answered_{false};
  bool offered_passthrough_ = false;  // what that request offers
  bool offered_killpriv_ = false;
  bool offered_rings_ = false;
  ring::RingSet* rings_ = nullptr;
  std::atomic<bool> over_rings_{false};
};

// The session's user data must be one of these: libfuse hands it to the hooks.
struct PassthroughHolder {
  Passthrough passthrough;
};

}  // namespace litetool
