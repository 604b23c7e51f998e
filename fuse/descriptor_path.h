// Naming the file of a descriptor for calls that do not take an O_PATH one.
#pragma once

#include "core/os/unique_fd.h"

namespace litetool {

// "/proc/self/fd/N".
struct DescriptorPath {
  explicit DescriptorPath(int fd);
  char text[32];
};

// Opens the file of a descriptor once more, with other `flags` (O_CLOEXEC is added). Not valid,
// with errno set, when that fails.
UniqueFd reopen(int fd, int flags);

}  // namespace litetool
