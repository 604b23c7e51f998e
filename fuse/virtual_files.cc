#include "fuse/virtual_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "core/os/beneath.h"
#include "fuse/client_identity.h"
#include "fuse/request_counts.h"

namespace litetool {
namespace {

constexpr std::string_view kPosSuffix = "-pos";
constexpr std::string_view kLag = ".lag";
constexpr std::string_view kStatus = ".litetool-status";
constexpr std::string_view kRequests = ".litetool-requests";

// What one open file has read: offsets after the first refer to the same text.
struct Handle {
  std::mutex mutex;
  std::string text;
  bool opened_by_root = false;
};

Handle& handle_of(const fuse_file_info& info) {
  return *reinterpret_cast<Handle*>(info.fh);
}

bool names_position(std::string_view name) {
  return name.size() > kPosSuffix.size() && name.ends_with(kPosSuffix);
}

// "app.db" for "app.db-pos".
std::string database_of(const std::string& path) {
  return path.substr(0, path.size() - kPosSuffix.size());
}

bool show_all(const std::string&) {
  return true;
}

}  // namespace

bool VirtualFiles::may_be(const std::string& name) {
  return names_position(name) || name == kLag || name == kStatus || name == kRequests;
}

bool VirtualFiles::may_read(fuse_req_t request, const std::string& database) const {
  if (::fuse_req_ctx(request)->uid == ::geteuid()) return true;
  const ClientIdentity client(request, ClientIdentity::Rights::kAsk);
  const NameBeneath at(root_, database);
  constexpr int kFlags = AT_EACCESS | AT_SYMLINK_NOFOLLOW;
  // glibc's would ask for our own user where the kernel (before Linux 5.8) has no such call.
  return at.found() && ::syscall(SYS_faccessat2, at.dir(), at.name(), R_OK, kFlags) == 0;
}

std::optional<std::string> VirtualFiles::content(const std::string& path, const Shown& shown) {
  if (path == kLag) return "+000000000\n";
  if (path == kRequests) return request_counts_text();
  if (path == kStatus) return status ? std::optional(status(shown)) : std::nullopt;
  if (!names_position(path)) return std::nullopt;
  const std::string database_path = database_of(path);
  const std::shared_ptr<Database> database = witness_.find(database_path);
  if (database == nullptr || !database->has_history()) return std::nullopt;
  const NameBeneath at(root_, database_path);
  if (!at.found() || ::faccessat(at.dir(), at.name(), F_OK, AT_SYMLINK_NOFOLLOW) != 0) {
    return std::nullopt;
  }
  database->catch_up();
  return database->position().text() + "\n";
}

bool VirtualFiles::exists(const std::string& path) {
  if (path == kStatus) return status != nullptr;
  return content(path, show_all).has_value();
}

std::optional<std::uint64_t> VirtualFiles::look_up(const std::string& path) {
  if (!exists(path)) return std::nullopt;
  const std::lock_guard lock(mutex_);
  std::uint64_t& id = by_path_[path];
  if (id == 0) {
    id = kBit | next_++;
    entries_[id].path = path;
  }
  entries_[id].lookups += 1;
  return id;
}

void VirtualFiles::forget(std::uint64_t id, std::uint64_t lookups) {
  const std::lock_guard lock(mutex_);
  const auto it = entries_.find(id);
  if (it == entries_.end()) return;
  it->second.lookups -= std::min(it->second.lookups, lookups);
  if (it->second.lookups != 0) return;
  by_path_.erase(it->second.path);
  entries_.erase(it);
}

std::string VirtualFiles::path_of(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  const auto it = entries_.find(id);
  return it == entries_.end() ? "" : it->second.path;
}

std::optional<struct stat> VirtualFiles::attributes(std::uint64_t id) {
  const std::string path = path_of(id);
  // To make the status every database is asked: it has no size until it is read.
  const std::optional<std::string> text =
      path == kStatus && exists(path) ? "" : content(path, show_all);
  if (!text) return std::nullopt;
  struct stat st {};
  st.st_ino = id;
  st.st_mode = S_IFREG | 0444;
  st.st_nlink = 1;
  st.st_uid = ::geteuid();
  st.st_gid = ::getegid();
  st.st_size = static_cast<off_t>(text->size());
  ::clock_gettime(CLOCK_REALTIME, &st.st_mtim);
  st.st_ctim = st.st_atim = st.st_mtim;
  return st;
}

void VirtualFiles::open(fuse_req_t request, std::uint64_t id, fuse_file_info& info) {
  if ((info.flags & O_ACCMODE) != O_RDONLY) {
    ::fuse_reply_err(request, EACCES);
    return;
  }
  const std::string path = path_of(id);
  if (!exists(path)) {
    ::fuse_reply_err(request, ENOENT);
    return;
  }
  if (names_position(path) && !may_read(request, database_of(path))) {
    ::fuse_reply_err(request, EACCES);
    return;
  }
  auto handle = std::make_unique<Handle>();
  handle->opened_by_root = ::fuse_req_ctx(request)->uid == 0;
  info.fh = reinterpret_cast<std::uint64_t>(handle.get());
  info.direct_io = 1;
  info.noflush = 1;
  if (::fuse_reply_open(request, &info) != -ENOENT) (void)handle.release();
}

void VirtualFiles::read(fuse_req_t request, std::uint64_t id, std::size_t size, off_t offset,
                        fuse_file_info& info) {
  std::string piece;
  {
    Handle& handle = handle_of(info);
    const std::lock_guard lock(handle.mutex);
    // Root shows to others what it opened itself; what they opened for it, it does not.
    const bool foreign = ::fuse_req_ctx(request)->uid == 0 && !handle.opened_by_root;
    const auto shown = [&](const std::string& database) {
      return handle.opened_by_root || (!foreign && may_read(request, database));
    };
    if (offset == 0) handle.text = content(path_of(id), shown).value_or("");
    const std::size_t start = std::min(handle.text.size(), static_cast<std::size_t>(offset));
    piece = handle.text.substr(start, size);
  }
  // Once answered the client may close the file, and the handle is gone.
  ::fuse_reply_buf(request, piece.data(), piece.size());
}

void VirtualFiles::release(const fuse_file_info& info) {
  const std::unique_ptr<Handle> closed(&handle_of(info));
}

}  // namespace litetool
