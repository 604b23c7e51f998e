#include "core/os/temp_file.h"

#include <unistd.h>

#include <utility>

namespace litetool {
namespace {

constexpr int kNameTries = 1000;

}  // namespace

Result<TempFile> TempFile::create(Env& env, const std::string& dir) {
  for (int i = 0;; ++i) {
    std::string path =
        dir + "/litetool-" + std::to_string(::getpid()) + "-" + std::to_string(i) + ".tmp";
    auto file = env.open(kCwd, path, OpenMode::kCreateNew, 0600);
    if (file) return TempFile(env, std::move(path), *std::move(file));
    if (file.error().code != Errc::kExists || i == kNameTries) return std::move(file).error();
  }
}

TempFile::TempFile(Env& env, std::string path, std::unique_ptr<File> file)
    : env_(env), path_(std::move(path)), file_(std::move(file)) {}

TempFile::TempFile(TempFile&& other) noexcept
    : env_(other.env_), path_(std::exchange(other.path_, "")), file_(std::move(other.file_)) {}

TempFile::~TempFile() {
  // Best effort: what cannot be removed is left to whoever cleans the temporary folder.
  if (!path_.empty()) (void)env_.unlink(kCwd, path_);
}

}  // namespace litetool
