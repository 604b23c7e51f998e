#include "core/os/atomic_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <utility>

#include "core/os/paths.h"
#include "core/os/writeback.h"

namespace litetool {
namespace {

// Writes of this size and more are sent on to the disk at once: the sync at the end is near.
constexpr std::size_t kWritebackSize = std::size_t{256} << 10;

// Between the target's name and two numbers.
constexpr std::string_view kUnfinished = ".tmp-";

Error exists(const std::string& path) {
  return Error(Errc::kExists, path + " exists already (use --force to replace it)");
}

// The new file belongs to whom the old one did and is open to nobody else: a program must still be
// able to use the database that was put in place of its own.
Status inherit_access(const File& file, const struct stat& old, const std::string& path) {
  // Only root may give files away; then the owner stays who runs this.
  (void)!::fchown(file.fd(), old.st_uid, old.st_gid);
  if (::fchmod(file.fd(), old.st_mode & 07777) != 0) {
    return Error::from_errno(errno, "set permissions of " + path);
  }
  return {};
}

}  // namespace

Result<AtomicFile> AtomicFile::create(Env& env, const std::string& path, bool replace,
                                      unsigned mode) {
  if (path == "-") {
    return Error(Errc::kUsage,
                 "this cannot go to standard output, a file name is needed (./- is one)");
  }
  const auto there = env.stat(kCwd, path);
  if (there && S_ISDIR(there->st_mode)) {
    return Error(Errc::kUsage, path + " is a directory, a file name is needed");
  }
  if (there && !replace) return exists(path);
  // Names differ within the process; what a dead one with the same number left is passed over.
  static std::atomic<unsigned> names = 0;
  constexpr int kAttempts = 100;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const std::string temp = path + std::string(kUnfinished) + std::to_string(::getpid()) + "-" +
                             std::to_string(names++);
    auto file = env.open(kCwd, temp, OpenMode::kCreateNew, mode);
    if (file) {
      AtomicFile created(env, path, temp, replace, *std::move(file));
      if (there) LT_TRY(inherit_access(created.file(), *there, path));
      return created;
    }
    const int err = file.error().sys_errno;
    if (err != EEXIST) return Error::from_errno(err, "create " + path);
  }
  return Error(Errc::kExists, "too many temporary files beside " + path);
}

AtomicFile::AtomicFile(Env& env, std::string path, std::string temp_path, bool replace,
                       std::unique_ptr<File> file)
    : env_(env),
      path_(std::move(path)),
      temp_path_(std::move(temp_path)),
      replace_(replace),
      file_(std::move(file)) {}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : env_(other.env_),
      path_(std::move(other.path_)),
      temp_path_(std::exchange(other.temp_path_, "")),
      replace_(other.replace_),
      file_(std::move(other.file_)) {}

AtomicFile::~AtomicFile() {
  // Best effort: a left-over temporary file is harmless and its name says whose it was.
  if (!temp_path_.empty()) (void)env_.unlink(kCwd, temp_path_);
}

Status AtomicFile::write(Bytes b) {
  LT_TRY(file_->append({b}));
  if (b.size() >= kWritebackSize) start_writeback(*file_, file_->size() - b.size(), b.size());
  return {};
}

Status AtomicFile::commit() {
  LT_TRY(file_->sync());
  LT_TRY(file_->close());
  Status renamed =
      replace_ ? env_.rename(kCwd, temp_path_, path_) : env_.rename_new(kCwd, temp_path_, path_);
  if (!renamed && renamed.error().code == Errc::kExists) return exists(path_);
  LT_TRY(std::move(renamed));
  temp_path_.clear();
  return env_.sync_dir(kCwd, directory_of(path_));
}

std::optional<std::string_view> target_of_unfinished(std::string_view name) {
  const std::size_t end = name.rfind(kUnfinished);
  if (end == std::string_view::npos || end == 0) return std::nullopt;
  const std::string_view numbers = name.substr(end + kUnfinished.size());
  const std::size_t dash = numbers.find('-');
  const bool two = dash != std::string_view::npos && dash != 0 && dash + 1 < numbers.size() &&
                   numbers.find('-', dash + 1) == std::string_view::npos &&
                   numbers.find_first_not_of("-0123456789") == std::string_view::npos;
  return two ? std::optional(name.substr(0, end)) : std::nullopt;
}

Status append_whole(File& file, Bytes bytes) {
  const std::uint64_t before = file.size();
  Status appended = file.append({bytes});
  if (!appended) (void)file.truncate(before);
  return appended;
}

Status replace_file(Env& env, int dir, const std::string& path, Bytes bytes) {
  const std::string aside = path + ".new";
  const auto write = [&]() -> Status {
    LT_ASSIGN(const std::unique_ptr<File> file, env.open(dir, aside, OpenMode::kCreate, 0600));
    LT_TRY(file->truncate(0));
    LT_TRY(file->append({bytes}));
    LT_TRY(file->sync());
    return env.rename(dir, aside, path);
  };
  Status written = write();
  if (!written) {
    (void)env.unlink(dir, aside);
    return written;
  }
  return env.sync_dir(dir, directory_of(path));
}

}  // namespace litetool
