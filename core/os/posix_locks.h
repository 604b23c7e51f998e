// Locks that processes hold on files, as the kernel lists them.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace litetool {

// Whether a process holds an exclusive POSIX lock on any of the bytes first..last of a file with
// that inode number, on whatever file system. Those of processes that we cannot see (we are in a
// container, they are not) are not listed.
bool is_write_locked(ino_t inode, std::uint64_t first, std::uint64_t last);

}  // namespace litetool
