#include "core/os/directory_id.h"

#include <fcntl.h>
#include <sys/stat.h>

namespace litetool {

DirectoryId directory_id(int directory, const std::string& path) {
  constexpr std::int64_t kNsPerSecond = 1'000'000'000;
  DirectoryId id;
  id.path = path;
  struct statx st {};
  if (::statx(directory, "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME, &st) != 0) return id;
  id.inode = st.stx_ino;
  if ((st.stx_mask & STATX_BTIME) != 0) {
    id.born_ns = st.stx_btime.tv_sec * kNsPerSecond + st.stx_btime.tv_nsec;
  }
  return id;
}

}  // namespace litetool
