#include "core/os/temp_dir.h"

#include <unistd.h>

#include <array>
#include <utility>

#include "formats/base/crypto.h"

namespace litetool {

Result<TempDir> TempDir::create(Env& env, const std::string& parent) {
  // A name that nobody can foresee: in a folder that others write, it cannot be there already.
  std::array<std::byte, 12> unique;
  fill_random(unique);
  std::string path = parent + "/litetool-" + to_hex(unique);
  LT_TRY(env.make_dirs(kCwd, path, 0700));
  LT_ASSIGN(const struct stat st, env.lstat(kCwd, path));
  if (!S_ISDIR(st.st_mode) || st.st_uid != ::geteuid()) {
    return Error(Errc::kExists, path + " belongs to somebody else");
  }
  return TempDir(env, std::move(path));
}

TempDir::TempDir(TempDir&& other) noexcept
    : env_(other.env_), path_(std::exchange(other.path_, "")) {}

TempDir::~TempDir() {
  // Best effort, as of TempFile.
  if (path_.empty()) return;
  if (const auto names = env_.list(kCwd, path_)) {
    for (const std::string& name : *names) (void)env_.unlink(kCwd, path(name));
  }
  (void)env_.remove_dir(kCwd, path_);
}

}  // namespace litetool
