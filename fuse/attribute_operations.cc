// Requests about attributes: getattr, setattr, extended attributes, statfs.
#include <fcntl.h>
#include <linux/limits.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <vector>

#include "fuse/client_identity.h"
#include "fuse/file_system.h"

namespace litetool {

double cache_seconds(const Node& node) {
  constexpr double kHour = 3600;
  return node.in_history ? 0 : kHour;
}

void fill_entry(const Node& node, const struct stat& st, fuse_entry_param& entry) {
  entry.ino = node.id;
  entry.attr = st;
  entry.attr_timeout = cache_seconds(node);
  entry.entry_timeout = cache_seconds(node);
}

namespace {

// The mode of a file that the client has written to.
mode_t without_privileges(fuse_req_t request, const struct stat& st) {
  if (!S_ISREG(st.st_mode)) return st.st_mode;
  // Without S_IXGRP it is a mark for mandatory locks, which is the group's to keep.
  const bool keeps_group = (st.st_mode & S_IXGRP) == 0 && client_in_group(request, st.st_gid);
  return st.st_mode & ~mode_t{S_ISUID} & (keeps_group ? ~mode_t{0} : ~mode_t{S_ISGID});
}

// 0 or an errno. Lock held.
int change_mode(Node& node, mode_t mode) {
  if (::chmod(DescriptorPath(node.any_fd()).text, mode & 07777) != 0) return errno;
  node.note_mode(mode);
  return 0;
}

}  // namespace

void strip_privileges(fuse_req_t request, Node& node) {
  struct stat st {};
  if (::fstat(node.any_fd(), &st) != 0) return;
  node.note_mode(st.st_mode);
  const mode_t stripped = without_privileges(request, st);
  if (stripped != st.st_mode) (void)change_mode(node, stripped);
}

namespace {

// Whether the request may be the first sign of a write by its client, or its client could set the
// mode as well. A chown() to nobody comes without anybody having asked for permission.
bool may_strip_privileges(fuse_req_t request, const Node& node) {
  const uid_t client = ::fuse_req_ctx(request)->uid;
  struct stat st {};
  if (client == 0 || node.writers != 0 || ::fstat(node.any_fd(), &st) != 0) return true;
  return st.st_uid == client || without_privileges(request, st) == st.st_mode;
}

int stat_node(FileSystem& fs, Node& node, struct stat& st) {
  const std::lock_guard lock(node.mutex);
  if (!fs.inodes.reach(node)) return errno;
  return ::fstat(node.any_fd(), &st) == 0 ? 0 : errno;
}

void reply_attributes(fuse_req_t request, Node& node) {
  struct stat st {};
  if (const int err = stat_node(FileSystem::of(request), node, st); err != 0) {
    ::fuse_reply_err(request, err);
    return;
  }
  ::fuse_reply_attr(request, &st, cache_seconds(node));
}

void reply_virtual_attributes(fuse_req_t request, fuse_ino_t id) {
  const auto st = FileSystem::of(request).virtual_files.attributes(id);
  st ? ::fuse_reply_attr(request, &*st, 0) : ::fuse_reply_err(request, ENOENT);
}

void on_getattr(fuse_req_t request, fuse_ino_t id, fuse_file_info*) {
  if (VirtualFiles::is_virtual(id)) {
    reply_virtual_attributes(request, id);
    return;
  }
  const NodePtr node = FileSystem::of(request).inodes.find(id);
  if (node == nullptr) {
    ::fuse_reply_err(request, ESTALE);
    return;
  }
  reply_attributes(request, *node);
}

// 0 when clients may change the attributes of a node: the history and virtual files are ours.
int changeable(const Node* node, fuse_ino_t id) {
  if (VirtualFiles::is_virtual(id)) return EACCES;
  if (node == nullptr) return ESTALE;
  return node->in_history ? EACCES : 0;
}

constexpr int kSetOwner = FUSE_SET_ATTR_UID | FUSE_SET_ATTR_GID;

int set_owner(int fd, const struct stat& wanted, int to_set) {
  if ((to_set & kSetOwner) == 0) return 0;
  const uid_t owner = (to_set & FUSE_SET_ATTR_UID) != 0 ? wanted.st_uid : uid_t(-1);
  const gid_t group = (to_set & FUSE_SET_ATTR_GID) != 0 ? wanted.st_gid : gid_t(-1);
  const int flags = AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW;
  return ::fchownat(fd, "", owner, group, flags) == 0 ? 0 : errno;
}

int set_mode(Node& node, const struct stat& wanted, int to_set) {
  if ((to_set & FUSE_SET_ATTR_MODE) == 0) return 0;
  return change_mode(node, wanted.st_mode);
}

int set_times(int fd, const struct stat& wanted, int to_set) {
  constexpr int kAny =
      FUSE_SET_ATTR_ATIME | FUSE_SET_ATTR_MTIME | FUSE_SET_ATTR_ATIME_NOW | FUSE_SET_ATTR_MTIME_NOW;
  if ((to_set & kAny) == 0) return 0;
  timespec times[2] = {{0, UTIME_OMIT}, {0, UTIME_OMIT}};
  if ((to_set & FUSE_SET_ATTR_ATIME) != 0) times[0] = wanted.st_atim;
  if ((to_set & FUSE_SET_ATTR_MTIME) != 0) times[1] = wanted.st_mtim;
  if ((to_set & FUSE_SET_ATTR_ATIME_NOW) != 0) times[0].tv_nsec = UTIME_NOW;
  if ((to_set & FUSE_SET_ATTR_MTIME_NOW) != 0) times[1].tv_nsec = UTIME_NOW;
  return ::utimensat(fd, "", times, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) == 0 ? 0 : errno;
}

int set_rest(fuse_req_t request, Node& node, const struct stat& wanted, int to_set) {
  const std::lock_guard lock(node.mutex);
  if (!FileSystem::of(request).inodes.reach(node)) return errno;
  const int fd = node.any_fd();
  // Nothing to set: what the kernel says before a client writes who may not leave privileges
  // behind, also where the write does not reach us, and for a chown() to nobody.
  if (to_set == 0 && !may_strip_privileges(request, node)) return EPERM;
  if (to_set == 0 || (to_set & kSetOwner) != 0) strip_privileges(request, node);
  int err = set_owner(fd, wanted, to_set);
  if (err == 0) err = set_mode(node, wanted, to_set);
  if (err == 0) err = set_times(fd, wanted, to_set);
  return err;
}

int set_size(fuse_req_t request, Node& node, off_t size) {
  FileSystem& fs = FileSystem::of(request);
  const std::string path = fs.inodes.path_of(node);
  const FileName file = classify_file(path);
  const FileRole role = file.role;
  // A file without a name is nobody's any more, whoever has taken its name.
  const std::shared_ptr<Database> database =
      node.unlinked ? nullptr : fs.witness.find(std::string(file.database));
  if (database != nullptr) database->before_resize(role, static_cast<std::uint64_t>(size));
  int result = 0;
  {
    const std::lock_guard lock(node.mutex);
    if (!fs.inodes.reach(node)) return errno;
    if (::fuse_req_ctx(request)->uid != 0) strip_privileges(request, node);
    result = node.file_writable && node.file.valid()
                 ? ::ftruncate(node.file.get(), size)
                 : ::truncate(DescriptorPath(node.any_fd()).text, size);
    if (result != 0) result = errno;
  }
  if (database != nullptr && result == 0) {
    database->after_resize(role, static_cast<std::uint64_t>(size));
  }
  return result;
}

void on_setattr(fuse_req_t request, fuse_ino_t id, struct stat* wanted, int to_set,
                fuse_file_info*) {
  const NodePtr node = FileSystem::of(request).inodes.find(id);
  int err = changeable(node.get(), id);
  if (err == 0 && (to_set & FUSE_SET_ATTR_SIZE) != 0)
    err = set_size(request, *node, wanted->st_size);
  if (err == 0) err = set_rest(request, *node, *wanted, to_set);
  if (err != 0) {
    ::fuse_reply_err(request, err);
    return;
  }
  reply_attributes(request, *node);
}

void on_statfs(fuse_req_t request, fuse_ino_t id) {
  FileSystem& fs = FileSystem::of(request);
  const NodePtr node = fs.inodes.find(id);
  const HeldFd file = node == nullptr ? HeldFd() : fs.inodes.hold(*node);
  const int fd = file.fd < 0 ? fs.root_fd : file.fd;
  struct statvfs st {};
  if (::fstatvfs(fd, &st) != 0) {
    ::fuse_reply_err(request, errno);
    return;
  }
  ::fuse_reply_statfs(request, &st);
}

// Runs a call on the node's file, with the lock held; 0 or an errno.
template <typename Call>
int on_file_of(fuse_req_t request, Node* node, Call call) {
  if (node == nullptr) return ENODATA;  // virtual files have none
  const std::lock_guard lock(node->mutex);
  if (!FileSystem::of(request).inodes.reach(*node)) return errno;
  return call(*node) == 0 ? 0 : errno;
}

// The same for a call that takes a path.
template <typename Call>
int on_path_of(fuse_req_t request, Node* node, Call call) {
  return on_file_of(request, node,
                    [&](const Node& n) { return call(DescriptorPath(n.any_fd()).text); });
}

// Asked before each first write to a file, which is open then: that is the shorter way.
ssize_t get_xattr(const Node& node, const char* name, char* value, std::size_t size) {
  if (node.file.valid()) return ::fgetxattr(node.file.get(), name, value, size);
  return ::getxattr(DescriptorPath(node.any_fd()).text, name, value, size);
}

// Replies with the size when `size` is 0, else the bytes.
void on_getxattr(fuse_req_t request, fuse_ino_t id, const char* name, std::size_t size) {
  const NodePtr node = FileSystem::of(request).inodes.find(id);
  std::vector<char> value(size);
  ssize_t n = -1;
  const int err = on_file_of(request, node.get(), [&](const Node& file) {
    n = get_xattr(file, name, value.data(), size);
    return n < 0 ? -1 : 0;
  });
  if (err != 0) {
    ::fuse_reply_err(request, err);
  } else if (size == 0) {
    ::fuse_reply_xattr(request, static_cast<std::size_t>(n));
  } else {
    ::fuse_reply_buf(request, value.data(), static_cast<std::size_t>(n));
  }
}

// The names of a list that the client may see: trusted ones are for root.
std::vector<char> visible_names(const std::vector<char>& names, uid_t client) {
  constexpr std::string_view kTrusted = "trusted.";
  if (client == 0) return names;
  std::vector<char> visible;
  for (auto name = names.begin(); name != names.end();) {
    const auto end = std::find(name, names.end(), '\0') + 1;
    if (!std::string_view(&*name).starts_with(kTrusted)) visible.insert(visible.end(), name, end);
    name = end;
  }
  return visible;
}

void on_listxattr(fuse_req_t request, fuse_ino_t id, std::size_t size) {
  const NodePtr node = FileSystem::of(request).inodes.find(id);
  std::vector<char> names(XATTR_LIST_MAX);
  const int err = on_path_of(request, node.get(), [&](const char* path) {
    const ssize_t n = ::listxattr(path, names.data(), names.size());
    if (n >= 0) names.resize(static_cast<std::size_t>(n));
    return n < 0 ? -1 : 0;
  });
  if (err != 0) {
    ::fuse_reply_err(request, err);
    return;
  }
  names = visible_names(names, ::fuse_req_ctx(request)->uid);
  if (size == 0) {
    ::fuse_reply_xattr(request, names.size());
  } else if (names.size() > size) {
    ::fuse_reply_err(request, ERANGE);
  } else {
    ::fuse_reply_buf(request, names.data(), names.size());
  }
}

// As a chmod() by somebody outside of the group does, which an access control list amounts to.
void strip_group_privilege(fuse_req_t request, Node& node) {
  const std::lock_guard lock(node.mutex);
  struct stat st {};
  if (!FileSystem::of(request).inodes.reach(node) || ::fstat(node.any_fd(), &st) != 0) return;
  if ((st.st_mode & S_ISGID) == 0) return;
  if (client_in_group(request, st.st_gid)) return;
  (void)change_mode(node, st.st_mode & ~mode_t{S_ISGID});
}

void on_setxattr(fuse_req_t request, fuse_ino_t id, const char* name, const char* value,
                 std::size_t size, int flags) {
  const NodePtr node = FileSystem::of(request).inodes.find(id);
  int err = changeable(node.get(), id);
  if (err == 0) {
    err = on_path_of(request, node.get(),
                     [&](const char* path) { return ::setxattr(path, name, value, size, flags); });
  }
  if (err == 0 && name == std::string_view("system.posix_acl_access")) {
    strip_group_privilege(request, *node);
  }
  ::fuse_reply_err(request, err);
}

void on_removexattr(fuse_req_t request, fuse_ino_t id, const char* name) {
  const NodePtr node = FileSystem::of(request).inodes.find(id);
  int err = changeable(node.get(), id);
  if (err == 0) {
    err = on_path_of(request, node.get(),
                     [&](const char* path) { return ::removexattr(path, name); });
  }
  ::fuse_reply_err(request, err);
}

}  // namespace

void add_attribute_operations(fuse_lowlevel_ops& operations) {
  operations.getattr = on_getattr;
  operations.setattr = on_setattr;
  operations.statfs = on_statfs;
  operations.getxattr = on_getxattr;
  operations.setxattr = on_setxattr;
  operations.listxattr = on_listxattr;
  operations.removexattr = on_removexattr;
}

}  // namespace litetool
