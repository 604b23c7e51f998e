#include "core/os/holes.h"

#include <unistd.h>

#include <cerrno>

namespace litetool {

std::uint64_t next_data(const File& file, std::uint64_t offset) {
  const off_t found = ::lseek(file.fd(), static_cast<off_t>(offset), SEEK_DATA);
  if (found >= 0) return static_cast<std::uint64_t>(found);
  return errno == ENXIO ? file.size() : offset;
}

}  // namespace litetool
