// A disk that remembers: a file system with one file, "disk", whose every write and flush is noted
// in order, so that the disk can be made again as it was at any instant, and as a power cut might
// have left it.
//
// usage: recording_disk IMAGE LOG MOUNTPOINT
//
// IMAGE has the content of the disk. LOG gets a record for each write: u64be offset, u32be length,
// the bytes; a flush is one of length 0 and offset 0. A second file, "written", says in decimal how
// many bytes of LOG there are: whoever reads it after something was acknowledged knows what came
// before. One request is served at a time, so a write that is noted before a flush had ended before
// the flush began. Stays in the foreground; ends with its mount.
#define FUSE_USE_VERSION 31
#include <fcntl.h>
#include <fuse.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <string>
#include <string_view>

#include "formats/base/bytes.h"

namespace {

constexpr std::string_view kDisk = "/disk";
constexpr std::string_view kWritten = "/written";

int image = -1;
int log_file = -1;
std::uint64_t log_bytes = 0;

bool append(const void* data, std::size_t size) {
  const char* p = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t n = ::write(log_file, p, size);
    if (n < 0) return false;
    p += n;
    size -= static_cast<std::size_t>(n);
    log_bytes += static_cast<std::uint64_t>(n);
  }
  return true;
}

bool note(std::uint64_t offset, const char* data, std::size_t size) {
  std::array<std::byte, 12> head{};
  litetool::store_be(head.data(), offset);
  litetool::store_be(head.data() + 8, static_cast<std::uint32_t>(size));
  return append(head.data(), head.size()) && append(data, size);
}

int get_attributes(const char* path, struct stat* st, fuse_file_info* /*info*/) {
  const std::string_view name = path;
  *st = {};
  if (name == "/") {
    st->st_mode = S_IFDIR | 0755;
  } else if (name == kDisk) {
    if (::fstat(image, st) != 0) return -errno;
  } else if (name == kWritten) {
    st->st_mode = S_IFREG | 0444;
  } else {
    return -ENOENT;
  }
  return 0;
}

int list(const char* /*path*/, void* out, fuse_fill_dir_t fill, off_t /*offset*/,
         fuse_file_info* /*info*/, fuse_readdir_flags /*flags*/) {
  for (const std::string_view name : {kDisk, kWritten}) {
    fill(out, name.data() + 1, nullptr, 0, fuse_fill_dir_flags{});
  }
  return 0;
}

int open_file(const char* path, fuse_file_info* info) {
  if (path == kWritten) info->direct_io = 1;  // it is never the same twice
  return path == kDisk || path == kWritten ? 0 : -ENOENT;
}

int read_file(const char* path, char* out, std::size_t size, off_t offset, fuse_file_info* /*i*/) {
  if (path == kDisk) {
    const ssize_t n = ::pread(image, out, size, offset);
    return n < 0 ? -errno : static_cast<int>(n);
  }
  const std::string text = std::to_string(log_bytes) + "\n";
  if (offset < 0 || static_cast<std::size_t>(offset) >= text.size()) return 0;
  return static_cast<int>(text.copy(out, size, static_cast<std::size_t>(offset)));
}

int write_file(const char* path, const char* data, std::size_t size, off_t offset,
               fuse_file_info* /*info*/) {
  if (path != kDisk) return -EACCES;
  if (::pwrite(image, data, size, offset) != static_cast<ssize_t>(size)) return -EIO;
  if (!note(static_cast<std::uint64_t>(offset), data, size)) return -EIO;
  return static_cast<int>(size);
}

int flush_disk(const char* /*path*/, int /*data_only*/, fuse_file_info* /*info*/) {
  return note(0, nullptr, 0) ? 0 : -EIO;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: recording_disk IMAGE LOG MOUNTPOINT\n");
    return 2;
  }
  image = ::open(argv[1], O_RDWR | O_CLOEXEC);
  log_file = ::open(argv[2], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (image < 0 || log_file < 0) {
    std::fprintf(stderr, "recording_disk: %s or %s: %s\n", argv[1], argv[2], std::strerror(errno));
    return 1;
  }
  fuse_operations operations{};
  operations.getattr = get_attributes;
  operations.readdir = list;
  operations.open = open_file;
  operations.read = read_file;
  operations.write = write_file;
  operations.fsync = flush_disk;
  char foreground[] = "-f";
  char one_thread[] = "-s";
  char* args[] = {argv[0], foreground, one_thread, argv[3]};
  return ::fuse_main(static_cast<int>(std::size(args)), args, &operations, nullptr);
}
