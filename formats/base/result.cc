#include "formats/base/result.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

namespace litetool {
namespace {

Errc code_of(int err) {
  switch (err) {
    case ENOENT:
    case ENOTDIR:
      return Errc::kNotFound;
    case EEXIST:
    case ENOTEMPTY:
      return Errc::kExists;
    case EACCES:
    case EPERM:
    case EROFS:
      return Errc::kDenied;
    case ENOSPC:
    case EDQUOT:
      return Errc::kDiskFull;
    case ETIMEDOUT:
      return Errc::kTimeout;
    case EINTR:
      return Errc::kInterrupted;
    case EIO:
    case ENOTCONN:
    case ECONNREFUSED:
    case ECONNRESET:
    case EAGAIN:
      return Errc::kStorage;
    default:
      return Errc::kFailed;
  }
}

}  // namespace

Error Error::corrupt(std::uint64_t at, std::string m) {
  Error e(Errc::kCorrupt, std::move(m));
  e.offset = at;
  return e;
}

Error Error::from_errno(int err, const std::string& what) {
  Error e(code_of(err), what + ": " + std::generic_category().message(err));
  if (err == ENOTCONN) {
    e.message +=
        " (the program that served this mount has died: 'litetool unmount' takes the mount away)";
  }
  e.sys_errno = err;
  return e;
}

Error Error::with(const std::string& context) && {
  message = context + ": " + message;
  return std::move(*this);
}

std::string Error::text() const {
  return offset ? message + " at offset " + std::to_string(*offset) : message;
}

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "litetool: internal error: %s does not hold (%s:%d)\n", condition, file,
               line);
  std::abort();
}

}  // namespace litetool
