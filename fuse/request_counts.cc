#include "fuse/request_counts.h"

#include <atomic>
#include <cstdint>

namespace litetool {
namespace {

// The handler behind one field of the table, and how often it was called.
template <auto Field>
struct Counted;
template <typename... Args, void (*fuse_lowlevel_ops::*Field)(fuse_req_t, Args...)>
struct Counted<Field> {
  static inline std::atomic<std::uint64_t> calls{0};
  static inline void (*handler)(fuse_req_t, Args...) = nullptr;

  static void call(fuse_req_t request, Args... args) {
    calls.fetch_add(1, std::memory_order_relaxed);
    handler(request, args...);
  }
  static void insert(fuse_lowlevel_ops& operations) {
    if (operations.*Field == nullptr) return;
    handler = operations.*Field;
    operations.*Field = call;
  }
};

struct Kind {
  const char* name;
  void (*insert)(fuse_lowlevel_ops&);
  const std::atomic<std::uint64_t>& calls;
};

template <auto Field>
constexpr Kind kind(const char* name) {
  return {name, Counted<Field>::insert, Counted<Field>::calls};
}

const Kind kKinds[] = {
    kind<&fuse_lowlevel_ops::create>("CREATE"),
    kind<&fuse_lowlevel_ops::fallocate>("FALLOCATE"),
    kind<&fuse_lowlevel_ops::fsync>("FSYNC"),
    kind<&fuse_lowlevel_ops::fsyncdir>("FSYNCDIR"),
    kind<&fuse_lowlevel_ops::getattr>("GETATTR"),
    kind<&fuse_lowlevel_ops::getxattr>("GETXATTR"),
    kind<&fuse_lowlevel_ops::link>("LINK"),
    kind<&fuse_lowlevel_ops::listxattr>("LISTXATTR"),
    kind<&fuse_lowlevel_ops::lookup>("LOOKUP"),
    kind<&fuse_lowlevel_ops::lseek>("LSEEK"),
    kind<&fuse_lowlevel_ops::mkdir>("MKDIR"),
    kind<&fuse_lowlevel_ops::mknod>("MKNOD"),
    kind<&fuse_lowlevel_ops::open>("OPEN"),
    kind<&fuse_lowlevel_ops::opendir>("OPENDIR"),
    kind<&fuse_lowlevel_ops::read>("READ"),
    kind<&fuse_lowlevel_ops::readdir>("READDIR"),
    kind<&fuse_lowlevel_ops::readlink>("READLINK"),
    kind<&fuse_lowlevel_ops::release>("RELEASE"),
    kind<&fuse_lowlevel_ops::releasedir>("RELEASEDIR"),
    kind<&fuse_lowlevel_ops::removexattr>("REMOVEXATTR"),
    kind<&fuse_lowlevel_ops::rename>("RENAME"),
    kind<&fuse_lowlevel_ops::rmdir>("RMDIR"),
    kind<&fuse_lowlevel_ops::setattr>("SETATTR"),
    kind<&fuse_lowlevel_ops::setxattr>("SETXATTR"),
    kind<&fuse_lowlevel_ops::statfs>("STATFS"),
    kind<&fuse_lowlevel_ops::symlink>("SYMLINK"),
    kind<&fuse_lowlevel_ops::unlink>("UNLINK"),
    kind<&fuse_lowlevel_ops::write>("WRITE"),
};

}  // namespace

void count_requests(fuse_lowlevel_ops& operations) {
  for (const Kind& kind : kKinds) kind.insert(operations);
}

std::string request_counts_text() {
  std::string text;
  for (const Kind& kind : kKinds) {
    const std::uint64_t n = kind.calls.load(std::memory_order_relaxed);
    if (n != 0) text += std::string(kind.name) + " " + std::to_string(n) + "\n";
  }
  return text;
}

}  // namespace litetool
