// Advisory locks on byte ranges of an open file, as SQLite's clients take them.
//
// Locks of the open file description (F_OFD_*): they conflict with the process locks of every
// SQLite client, and unlike those they are not lost when another descriptor of the same file is
// closed. Closing the file releases them.
#pragma once

#include <cstdint>

#include "core/os/env.h"

namespace litetool {

enum class LockKind : std::uint8_t { kShared, kExclusive };

struct LockRange {
  std::uint64_t offset = 0;
  std::uint64_t size = 1;  // bytes
};

// Takes the lock, or turns one that is held into `kind`; false when somebody else's is in the way.
// Exclusive locks need a file that is open for writing.
Result<bool> try_lock(const File& file, LockRange range, LockKind kind);
Status unlock(const File& file, LockRange range);
// True when somebody else holds a lock in the range that would not go with `kind`.
Result<bool> locked_by_other(const File& file, LockRange range, LockKind kind);

}  // namespace litetool
