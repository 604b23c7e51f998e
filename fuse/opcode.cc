#include "fuse/opcode.h"

namespace litetool {

bool answered_at_once(std::uint32_t opcode) {
  switch (opcode) {
    case kOpLookup:
    case kOpForget:
    case kOpGetattr:
    case kOpOpen:
    case kOpWrite:
    case kOpStatfs:
    case kOpGetxattr:
    case kOpListxattr:
    case kOpFlush:
    case kOpInit:
    case kOpOpendir:
    case kOpReleasedir:
    case kOpAccess:
    case kOpCreate:
    case kOpInterrupt:
    case kOpNotifyReply:
    case kOpBatchForget:
      return true;
    default:
      return false;
  }
}

}  // namespace litetool
