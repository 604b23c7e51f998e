#include "core/os/range_lock.h"

#include <fcntl.h>

#include <cerrno>

namespace litetool {
namespace {

struct flock make(LockRange range, short type) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = static_cast<off_t>(range.offset);
  lock.l_len = static_cast<off_t>(range.size);
  return lock;
}

short type_of(LockKind kind) {
  return kind == LockKind::kShared ? F_RDLCK : F_WRLCK;
}

int control(const File& file, int command, struct flock& lock) {
  int rc = 0;
  do {
    rc = ::fcntl(file.fd(), command, &lock);
  } while (rc != 0 && errno == EINTR);
  return rc;
}

}  // namespace

Result<bool> try_lock(const File& file, LockRange range, LockKind kind) {
  struct flock lock = make(range, type_of(kind));
  if (control(file, F_OFD_SETLK, lock) == 0) return true;
  if (errno == EAGAIN || errno == EACCES) return false;
  return Error::from_errno(errno, "lock the database");
}

Status unlock(const File& file, LockRange range) {
  struct flock lock = make(range, F_UNLCK);
  if (control(file, F_OFD_SETLK, lock) != 0) {
    return Error::from_errno(errno, "unlock the database");
  }
  return {};
}

Result<bool> locked_by_other(const File& file, LockRange range, LockKind kind) {
  struct flock lock = make(range, type_of(kind));
  if (control(file, F_OFD_GETLK, lock) != 0) {
    return Error::from_errno(errno, "look at the locks of the database");
  }
  return lock.l_type != F_UNLCK;
}

}  // namespace litetool
