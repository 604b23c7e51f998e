#include "core/os/safe_dirs.h"

#include "core/os/paths.h"

namespace litetool {

Status make_safe_dirs(Env& env, int dir, const std::string& path, unsigned mode) {
  for (std::size_t end = 0; end != std::string::npos;) {
    end = path.find('/', end + 1);
    const std::string part = path.substr(0, end);
    const bool is_new = !env.stat(dir, part);
    if (is_new) LT_TRY(env.make_dirs(dir, part, mode));
    if (!is_new && end != std::string::npos) continue;
    // Whoever made it before may have been killed before its name was on the disk; what is not ours
    // may be closed to us.
    Status synced = env.sync_dir(dir, directory_of(part));
    if (is_new) LT_TRY(std::move(synced));
  }
  return {};
}

}  // namespace litetool
