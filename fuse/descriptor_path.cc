#include "fuse/descriptor_path.h"

#include <fcntl.h>

#include <cstdio>
#include <cstring>

namespace litetool {
namespace {

constexpr char kFolder[] = "/proc/self/fd/";

// Kept open, because the way to it takes longer than the rest.
int descriptors_folder() {
  static const UniqueFd folder(::open(kFolder, O_PATH | O_DIRECTORY | O_CLOEXEC));
  return folder.get();
}

}  // namespace

DescriptorPath::DescriptorPath(int fd) {
  (void)std::snprintf(text, sizeof text, "%s%d", kFolder, fd);
}

UniqueFd reopen(int fd, int flags) {
  const DescriptorPath path(fd);
  const int folder = descriptors_folder();
  // An absolute path needs no folder.
  const char* name = folder < 0 ? path.text : path.text + std::strlen(kFolder);
  return UniqueFd(::openat(folder, name, flags | O_CLOEXEC));
}

}  // namespace litetool
