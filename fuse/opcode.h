// What kinds of requests there are (linux/fuse.h), as far as it matters before libfuse sees them.
#pragma once

#include <cstdint>

namespace litetool {

enum Opcode : std::uint32_t {
  kOpLookup = 1,
  kOpForget = 2,
  kOpGetattr = 3,
  kOpOpen = 14,
  kOpWrite = 16,
  kOpStatfs = 17,
  kOpGetxattr = 22,
  kOpListxattr = 23,
  kOpFlush = 25,
  kOpInit = 26,
  kOpOpendir = 27,
  kOpReleasedir = 29,
  kOpAccess = 34,
  kOpCreate = 35,
  kOpInterrupt = 36,
  kOpNotifyReply = 41,
  kOpBatchForget = 42,
  kOpTmpfile = 51,
};

// Such requests are answered without waiting for a disk or a capture, but for a page cache that has
// to be filled and for locks, of which PoliteMutex tells.
bool answered_at_once(std::uint32_t opcode);

}  // namespace litetool
