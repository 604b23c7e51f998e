#include "core/os/writeback.h"

#include <fcntl.h>

namespace litetool {

void start_writeback(const File& file, std::uint64_t offset, std::uint64_t size) {
  (void)::sync_file_range(file.fd(), static_cast<off_t>(offset), static_cast<off_t>(size),
                          SYNC_FILE_RANGE_WRITE);
}

}  // namespace litetool
