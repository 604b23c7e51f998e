// FUSE over io_uring as the kernel has it since Linux 6.14 (include/uapi/linux/fuse.h there; the
// headers of Debian 12 are older).
//
// The kernel keeps a queue for each processor that could exist. The server gives each queue
// entries, that is memory for a request and its reply, by a command of its own on /dev/fuse
// (REGISTER). A request completes the command of an entry; the reply goes back with the command
// that asks for the next request (COMMIT_AND_FETCH). FORGET, INTERRUPT and all before INIT still
// come by read(2).
#pragma once

#include <liburing.h>

#include <cstddef>
#include <cstdint>

namespace litetool::ring {

// In the INIT messages: bit 41 of the flags, which is bit 9 of their second word. Requests wait
// from the reply on until every queue has an entry.
constexpr std::uint32_t kFlag2OverRing = 1u << 9;

enum Command : std::uint32_t { kRegister = 1, kCommitAndFetch = 2 };

// What a message begins with, the first argument of its operation, and what follows, apart.
struct Header {
  static constexpr unsigned kPartSize = 128;
  char in_out[kPartSize];  // fuse_in_header of the request, fuse_out_header of the reply
  char op_in[kPartSize];   // what the operation's request begins with, if it begins with a struct
  std::uint64_t flags;
  std::uint64_t commit_id;     // names the request in the command that replies to it
  std::uint32_t payload_size;  // of the request's other arguments; of the whole reply
  std::uint32_t padding;
  std::uint64_t reserved;
};
static_assert(sizeof(Header) == 288);

// A submission to a ring made with IORING_SETUP_SQE128. REGISTER also takes two iovecs, of the
// Header and of the payload.
struct Submission {
  alignas(io_uring_sqe) std::byte bytes[128];

  io_uring_sqe& sqe() { return *reinterpret_cast<io_uring_sqe*>(bytes); }
};
constexpr std::size_t kCommandDataAt = 48;

struct CommandData {
  std::uint64_t flags;
  std::uint64_t commit_id;
  std::uint16_t queue;
  std::uint8_t padding[6];
};
static_assert(sizeof(CommandData) == 24);

}  // namespace litetool::ring
