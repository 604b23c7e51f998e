#include "core/os/fingerprint.h"

namespace litetool {

Result<FileFingerprint> fingerprint_of(Env& env, int dir, const std::string& path) {
  const auto st = env.stat(dir, path);
  if (!st && st.error().code == Errc::kNotFound) return FileFingerprint{};
  if (!st) return st.error();
  return FileFingerprint{static_cast<std::uint64_t>(st->st_size),
                         static_cast<std::uint64_t>(st->st_mtim.tv_sec),
                         static_cast<std::uint64_t>(st->st_mtim.tv_nsec), st->st_ino, st->st_dev};
}

}  // namespace litetool
