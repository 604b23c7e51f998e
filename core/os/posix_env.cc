// Env over the kernel's own calls. Interrupted calls are repeated; short writes are continued.
#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <ctime>

#include "core/os/beneath.h"
#include "core/os/env.h"
#include "core/os/unique_fd.h"

namespace litetool {
namespace {

static_assert(kCwd == AT_FDCWD);

Error failed(const char* verb, const std::string& path) {
  return Error::from_errno(errno, std::string(verb) + " " + path);
}

class PosixFile : public File {
 public:
  PosixFile(UniqueFd fd, std::string path, std::uint64_t size)
      : fd_(std::move(fd)), path_(std::move(path)), size_(size) {}

  Result<std::size_t> read_at(MutableBytes out, std::uint64_t offset) const override {
    std::size_t done = 0;
    while (done < out.size()) {
      const ssize_t n = ::pread(fd_.get(), out.data() + done, out.size() - done,
                                static_cast<off_t>(offset + done));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return failed("read", path_);
      if (n == 0) break;
      done += static_cast<std::size_t>(n);
    }
    return done;
  }

  Status write_at(Bytes b, std::uint64_t offset) override {
    std::size_t done = 0;
    while (done < b.size()) {
      const ssize_t n =
          ::pwrite(fd_.get(), b.data() + done, b.size() - done, static_cast<off_t>(offset + done));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return failed("write", path_);
      done += static_cast<std::size_t>(n);
    }
    size_ = std::max(size_, offset + b.size());
    return {};
  }

  Status append(const std::vector<Bytes>& pieces) override {
    std::size_t next = 0;
    std::size_t skip = 0;  // bytes of pieces[next] that are written already
    while (next < pieces.size()) {
      iovec vec[64];
      std::size_t n_vec = 0;
      for (std::size_t i = next; i < pieces.size() && n_vec < std::size(vec); ++i, ++n_vec) {
        const Bytes rest = i == next ? pieces[i].subspan(skip) : pieces[i];
        vec[n_vec] = {const_cast<std::byte*>(rest.data()), rest.size()};
      }
      const ssize_t n =
          ::pwritev(fd_.get(), vec, static_cast<int>(n_vec), static_cast<off_t>(size_));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return failed("append to", path_);
      size_ += static_cast<std::uint64_t>(n);
      skip += static_cast<std::size_t>(n);
      while (next < pieces.size() && skip >= pieces[next].size()) skip -= pieces[next++].size();
    }
    return {};
  }

  Status truncate(std::uint64_t size) override {
    if (::ftruncate(fd_.get(), static_cast<off_t>(size)) != 0) return failed("truncate", path_);
    size_ = size;
    return {};
  }

  Status sync() override {
    if (::fdatasync(fd_.get()) != 0) return failed("sync", path_);
    return {};
  }

  Status close() override {
    if (::close(fd_.release()) != 0 && errno != EINTR) return failed("close", path_);
    return {};
  }

  Result<struct stat> stat() const override {
    struct stat st {};
    if (::fstat(fd_.get(), &st) != 0) return failed("stat", path_);
    return st;
  }

  void advise_sequential() const override {
    // A hint: a file system that does not take it only reads slower.
    (void)::posix_fadvise(fd_.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  }

  MappedBytes map_cached(std::uint64_t offset, std::size_t size) const override {
    return MappedBytes::cached(fd_.get(), offset, size);
  }

  Result<bool> clone_from(const File& from) override {
    if (::ioctl(fd_.get(), FICLONE, from.fd()) != 0) {
      // Two file systems, one without the call, or a file that does not lend itself to it.
      constexpr int kCannot[] = {EOPNOTSUPP, EXDEV, EINVAL, ENOTTY, ENOSYS, EPERM, ETXTBSY};
      if (std::ranges::find(kCannot, errno) != std::end(kCannot)) return false;
      return failed("share the blocks for", path_);
    }
    LT_ASSIGN(const struct stat now, stat());
    size_ = static_cast<std::uint64_t>(now.st_size);
    return true;
  }

  int fd() const override { return fd_.get(); }
  std::uint64_t size() const override { return size_; }

 private:
  UniqueFd fd_;
  std::string path_;
  std::uint64_t size_;
};

int flags_of(OpenMode how) {
  switch (how) {
    case OpenMode::kRead:
      return O_RDONLY;
    case OpenMode::kReadWrite:
      return O_RDWR;
    case OpenMode::kCreate:
      return O_RDWR | O_CREAT;
    case OpenMode::kCreateNew:
      return O_RDWR | O_CREAT | O_EXCL;
  }
  return O_RDONLY;
}

// XFS: its data is on the device of the file system, not on the one for realtime files.
bool is_on_main_device(int fd) {
  struct statfs fs {};
  if (::fstatfs(fd, &fs) != 0) return false;
  if (fs.f_type == EXT4_SUPER_MAGIC) return true;
  fsxattr attributes{};
  return fs.f_type == XFS_SUPER_MAGIC && ::ioctl(fd, FS_IOC_FSGETXATTR, &attributes) == 0 &&
         (attributes.fsx_xflags & FS_XFLAG_REALTIME) == 0;
}

// Whether writes to `fd`, opened with O_DIRECT, are in the device when they return, and each sync
// of `synced` flushes that. ext4 and XFS do so with the commit of their log, or on its own where
// there is nothing to commit (unless mounted without barriers: then no sync means anything). Of
// other file systems nothing is known.
bool is_flushed_with(int fd, int synced) {
  if (!is_on_main_device(fd) || !is_on_main_device(synced)) return false;
  // Alignments of 0: such a write goes through the page cache all the same, as with journalled
  // data.
  struct statx how {};
  if (::statx(fd, "", AT_EMPTY_PATH, STATX_DIOALIGN, &how) != 0) return false;
  const bool known = (how.stx_mask & STATX_DIOALIGN) != 0 && how.stx_dio_offset_align != 0;
  return known && how.stx_dio_offset_align <= kDirectBlock && how.stx_dio_mem_align <= kDirectBlock;
}

Result<std::unique_ptr<File>> file_of(UniqueFd fd, const std::string& path) {
  struct stat st {};
  if (::fstat(fd.get(), &st) != 0) return failed("stat", path);
  if (!S_ISREG(st.st_mode)) return Error(Errc::kUsage, "open " + path + ": is not a regular file");
  return std::unique_ptr<File>(
      std::make_unique<PosixFile>(std::move(fd), path, static_cast<std::uint64_t>(st.st_size)));
}

class PosixEnv : public Env {
 public:
  Result<std::unique_ptr<File>> open(int dir, const std::string& path, OpenMode how,
                                     unsigned mode) override {
    // O_NONBLOCK: opening a named pipe must not hang; it means nothing for a regular file.
    const int flags = flags_of(how) | O_NONBLOCK;
    // Our own reading leaves no trace; only the owner of a file may ask for that.
    UniqueFd fd = open_beneath(dir, path, flags | O_NOATIME, mode);
    if (!fd.valid() && errno == EPERM) fd = open_beneath(dir, path, flags, mode);
    if (!fd.valid()) return failed("open", path);
    return file_of(std::move(fd), path);
  }

  Result<std::unique_ptr<File>> open_direct(int dir, const std::string& path,
                                            const File& synced) override {
    UniqueFd fd = open_beneath(dir, path, O_RDWR | O_NONBLOCK | O_DIRECT);
    if (!fd.valid() && errno != EINVAL) return failed("open", path);
    if (!fd.valid() || !is_flushed_with(fd.get(), synced.fd())) {
      return Error(Errc::kUnsupported, "open " + path + ": not past the page cache");
    }
    return file_of(std::move(fd), path);
  }

  Result<struct stat> stat(int dir, const std::string& path) override {
    if (dir != kCwd) {
      LT_ASSIGN(const struct stat st, lstat(dir, path));
      if (S_ISLNK(st.st_mode)) return Error::from_errno(ELOOP, "stat " + path);
      return st;
    }
    struct stat st {};
    if (::fstatat(dir, path.c_str(), &st, 0) != 0) return failed("stat", path);
    return st;
  }

  Result<struct stat> lstat(int dir, const std::string& path) override {
    const NameBeneath at(dir, path);
    struct stat st {};
    if (!at.found() || ::fstatat(at.dir(), at.name(), &st, AT_SYMLINK_NOFOLLOW) != 0) {
      return failed("stat", path);
    }
    return st;
  }

  Result<std::vector<std::string>> list(int dir, const std::string& path) override {
    UniqueFd fd = open_beneath(dir, path, O_RDONLY | O_DIRECTORY);
    if (!fd.valid()) return failed("open directory", path);
    DIR* stream = ::fdopendir(fd.get());
    if (stream == nullptr) return failed("read directory", path);
    (void)fd.release();  // the stream's
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = ::readdir(stream)) {
      const std::string name = entry->d_name;
      if (name != "." && name != "..") names.push_back(name);
    }
    const int err = errno;
    ::closedir(stream);
    if (err != 0) return Error::from_errno(err, "read directory " + path);
    std::ranges::sort(names);
    return names;
  }

  Status make_dirs(int dir, const std::string& path, unsigned mode) override {
    for (std::size_t end = 0; end != std::string::npos;) {
      end = path.find('/', end + 1);
      const std::string part = path.substr(0, end);
      if (part.empty()) continue;
      const NameBeneath at(dir, part);
      if (at.found() && (::mkdirat(at.dir(), at.name(), mode) == 0 || errno == EEXIST)) continue;
      return failed("create directory", part);
    }
    return {};
  }

  Status rename(int dir, const std::string& from, const std::string& to) override {
    const NameBeneath old_at(dir, from);
    if (!old_at.found()) return failed("rename to", to);
    const NameBeneath at(dir, to);
    if (!at.found() || ::renameat(old_at.dir(), old_at.name(), at.dir(), at.name()) != 0) {
      return failed("rename to", to);
    }
    return {};
  }

  Status rename_new(int dir, const std::string& from, const std::string& to) override {
    const NameBeneath old_at(dir, from);
    if (!old_at.found()) return failed("rename to", to);
    const NameBeneath at(dir, to);
    if (!at.found()) return failed("rename to", to);
    constexpr unsigned kNew = RENAME_NOREPLACE;
    if (::renameat2(old_at.dir(), old_at.name(), at.dir(), at.name(), kNew) == 0) return {};
    if (errno != EINVAL && errno != ENOSYS) return failed("rename to", to);
    // File systems without RENAME_NOREPLACE: link() refuses an existing name just as atomically.
    if (::linkat(old_at.dir(), old_at.name(), at.dir(), at.name(), 0) != 0) {
      return failed("rename to", to);
    }
    return unlink(dir, from);
  }

  Status unlink(int dir, const std::string& path) override {
    const NameBeneath at(dir, path);
    if (!at.found() || ::unlinkat(at.dir(), at.name(), 0) != 0) return failed("remove", path);
    return {};
  }

  Status remove_dir(int dir, const std::string& path) override {
    const NameBeneath at(dir, path);
    if (!at.found() || ::unlinkat(at.dir(), at.name(), AT_REMOVEDIR) != 0) {
      return failed("remove directory", path);
    }
    return {};
  }

  Status sync_dir(int dir, const std::string& path) override {
    const UniqueFd fd = open_beneath(dir, path, O_RDONLY | O_DIRECTORY);
    if (!fd.valid()) return failed("open directory", path);
    if (::fsync(fd.get()) != 0) return failed("sync directory", path);
    return {};
  }

  std::int64_t now_ms() override {
    timespec t{};
    ::clock_gettime(CLOCK_REALTIME, &t);
    return std::int64_t{t.tv_sec} * 1000 + t.tv_nsec / 1'000'000;
  }

  Result<std::string> boot_id() override {
    constexpr const char* kPath = "/proc/sys/kernel/random/boot_id";
    const UniqueFd fd(::open(kPath, O_RDONLY | O_CLOEXEC));
    char text[64];
    const ssize_t n = fd.valid() ? ::read(fd.get(), text, sizeof text) : -1;
    if (n <= 0) return failed("read", kPath);
    const std::string line(text, static_cast<std::size_t>(n));
    return line.substr(0, line.find('\n'));
  }
};

}  // namespace

Env& posix_env() {
  static PosixEnv env;
  return env;
}

}  // namespace litetool
