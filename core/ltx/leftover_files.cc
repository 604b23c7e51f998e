#include "core/ltx/leftover_files.h"

namespace litetool {

Status refuse_leftover_files(Env& env, const std::string& database) {
  for (const char* suffix : {"-journal", "-wal"}) {
    const auto st = env.stat(kCwd, database + suffix);
    if (st && st->st_size > 0) {
      return Error(Errc::kFailed, database + suffix +
                                      " is left of an earlier database and would be "
                                      "played into the new one (move it away first)");
    }
  }
  return {};
}

}  // namespace litetool
