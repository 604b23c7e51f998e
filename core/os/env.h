// Env: everything core does to the world goes through here, so that tests can fail or cut power at
// the k-th effect and watch what is left.
//
// Paths are relative to a directory descriptor (kCwd for the working directory), because the mount
// works below a directory that it has itself covered. Below a descriptor no symbolic link is
// followed, see beneath.h. Errors carry errno, verb and path.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/os/mapped_bytes.h"
#include "formats/base/byte_source.h"
#include "formats/base/bytes.h"
#include "formats/base/result.h"

namespace litetool {

constexpr int kCwd = -100;  // AT_FDCWD

enum class OpenMode {
  kRead,       // must exist
  kReadWrite,  // must exist
  kCreate,     // read-write, created when missing
  kCreateNew,  // read-write, kExists when it is there
};

// Blocks of File::write_at() on a file of Env::open_direct(), in the file and in memory.
constexpr std::size_t kDirectBlock = 4096;

// An open regular file. read_at may be called from several threads at once.
class File : public ByteSource {
 public:
  virtual Status write_at(Bytes b, std::uint64_t offset) = 0;
  // Appends the pieces with one system call where the kernel takes them all.
  virtual Status append(const std::vector<Bytes>& pieces) = 0;
  virtual Status truncate(std::uint64_t size) = 0;
  // Data and size on the disk (fdatasync).
  virtual Status sync() = 0;
  // Reports what the kernel still has to say about earlier writes; the destructor only cleans up.
  virtual Status close() = 0;
  // fstat now; size() is what it was at open plus what was written through this object.
  virtual Result<struct stat> stat() const = 0;
  // Tells the kernel that the file will be read from start to end.
  virtual void advise_sequential() const = 0;
  // The bytes [offset, offset + size), all of them in the file, without a copy where they are in
  // the page cache; empty where they are not: read_at() then.
  virtual MappedBytes map_cached(std::uint64_t, std::size_t) const { return {}; }
  // Gives this file, still empty, the content of another one by sharing its blocks, each until it
  // is written in either. False, and nothing done, where the file system cannot.
  virtual Result<bool> clone_from(const File&) { return false; }
  // The descriptor, owned by the File; for locks, FUSE backing files and clones, never for data.
  virtual int fd() const = 0;
};

class Env {
 public:
  virtual ~Env() = default;
  // New files get `mode` less the umask.
  virtual Result<std::unique_ptr<File>> open(int dir, const std::string& path, OpenMode how,
                                             unsigned mode = 0666) = 0;
  // Opens an existing file, whose bytes are all on the disk, to write over them past the page
  // cache: whole blocks of kDirectBlock within its size. What write_at() has written is on the disk
  // once `synced`, a file of the same device (st_dev), was synced after it. kUnsupported where that
  // does not hold, or is not known to.
  virtual Result<std::unique_ptr<File>> open_direct(int dir, const std::string& path,
                                                    const File& synced) = 0;
  virtual Result<struct stat> stat(int dir, const std::string& path) = 0;
  // Of the name itself where it is a symbolic link.
  virtual Result<struct stat> lstat(int dir, const std::string& path) = 0;
  // Names, sorted, without "." and "..".
  virtual Result<std::vector<std::string>> list(int dir, const std::string& path) = 0;
  // Creates all missing parents too.
  virtual Status make_dirs(int dir, const std::string& path, unsigned mode = 0777) = 0;
  virtual Status rename(int dir, const std::string& from, const std::string& to) = 0;
  // Fails with kExists instead of replacing.
  virtual Status rename_new(int dir, const std::string& from, const std::string& to) = 0;
  virtual Status unlink(int dir, const std::string& path) = 0;
  virtual Status remove_dir(int dir, const std::string& path) = 0;
  virtual Status sync_dir(int dir, const std::string& path) = 0;
  virtual std::int64_t now_ms() = 0;
  // Another text for each run of the machine.
  virtual Result<std::string> boot_id() = 0;
};

// The real one; lives as long as the process.
Env& posix_env();

}  // namespace litetool
