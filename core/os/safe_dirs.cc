#include "core/os/safe_dirs.h"

#include "core/os/paths.h"

namespace litetool {

Status make_safe_dirs(Env& env, int dir, const std::string& path, unsigned mode) {
  for (std::size_t end = 0; end != std::string::npos;) {
    end = path.find('/', end + 1);
    const std::string part = path.substr(0, end);
    if (env.stat(dir, part)) continue;
    LT_TRY(env.make_dirs(dir, part, mode));
    LT_TRY(env.sync_dir(dir, directory_of(part)));
  }
  return {};
}

}  // namespace litetool
