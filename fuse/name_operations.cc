// Requests about names: lookup, directories, links, rename, unlink.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include "core/history/layout.h"
#include "fuse/client_identity.h"
#include "fuse/file_system.h"

namespace litetool {

int look_up(FileSystem& fs, const NodePtr& parent, const char* name, fuse_entry_param& entry) {
  const HeldFd directory = fs.inodes.hold(*parent);
  if (directory.fd < 0) return errno;
  UniqueFd path(::openat(directory.fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!path.valid()) return errno;
  struct stat st {};
  if (::fstat(path.get(), &st) != 0) return errno;
  const NodePtr node = fs.inodes.remember(*parent, name, st, std::move(path));
  fill_entry(*node, st, entry);
  return 0;
}

int may_change(FileSystem& fs, Node& parent, const char* name) {
  if (parent.in_history) return EACCES;
  if (parent.id == kRootId && name == kHistoryFolder) return EACCES;
  if (!VirtualFiles::may_be(name)) return 0;
  const HeldFd directory = fs.inodes.hold(parent);
  if (::faccessat(directory.fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) return 0;
  return fs.virtual_files.exists(fs.inodes.path_of(parent, name)) ? EACCES : 0;
}

void drop_if_gone(Node& node) {
  if (!node.unlinked || node.opens != 0) return;
  // A descriptor kept on an unlinked journal makes ext4's next create 60 times slower.
  node.file.reset();
  node.path.reset();
}

namespace {

NodePtr node_of(fuse_req_t request, fuse_ino_t id) {
  NodePtr node = FileSystem::of(request).inodes.find(id);
  if (node == nullptr) ::fuse_reply_err(request, ESTALE);
  return node;
}

void forget(FileSystem& fs, fuse_ino_t id, std::uint64_t lookups) {
  if (VirtualFiles::is_virtual(id)) {
    fs.virtual_files.forget(id, lookups);
  } else {
    fs.inodes.forget(id, lookups);
  }
}

void reply_entry_or_error(fuse_req_t request, int err, const fuse_entry_param& entry) {
  if (err != 0) {
    ::fuse_reply_err(request, err);
  } else if (::fuse_reply_entry(request, &entry) == -ENOENT && entry.ino != 0) {
    forget(FileSystem::of(request), entry.ino, 1);
  }
}

// The entry of a virtual file, never cached; 0 or ENOENT.
int look_up_virtual(FileSystem& fs, const Node& parent, const char* name, fuse_entry_param& entry) {
  const auto id = fs.virtual_files.look_up(fs.inodes.path_of(parent, name));
  if (!id) return ENOENT;
  entry.ino = *id;
  if (const auto st = fs.virtual_files.attributes(*id)) {
    entry.attr = *st;
    return 0;
  }
  fs.virtual_files.forget(*id, 1);
  return ENOENT;
}

int look_up_root(const FileSystem& fs, const Node& root, fuse_entry_param& entry) {
  struct stat st {};
  if (::fstat(fs.root_fd, &st) != 0) return errno;
  fill_entry(root, st, entry);
  return 0;
}

void on_lookup(fuse_req_t request, fuse_ino_t parent_id, const char* name) {
  FileSystem& fs = FileSystem::of(request);
  const NodePtr parent = node_of(request, parent_id);
  if (parent == nullptr) return;
  fuse_entry_param entry{};
  int err = fs.served_below_top && parent_id == kTopId ? look_up_root(fs, *parent, entry)
                                                       : look_up(fs, parent, name, entry);
  if (err == ENOENT && !parent->in_history) {
    if (VirtualFiles::may_be(name)) {
      err = look_up_virtual(fs, *parent, name, entry);
    } else if (name != kHistoryFolder) {
      err = 0;  // a negative entry: the kernel need not ask again until somebody creates the name
      entry.entry_timeout = cache_seconds(*parent);
    }
  }
  reply_entry_or_error(request, err, entry);
}

void on_forget(fuse_req_t request, fuse_ino_t id, std::uint64_t lookups) {
  forget(FileSystem::of(request), id, lookups);
  ::fuse_reply_none(request);
}

void on_forget_multi(fuse_req_t request, std::size_t count, fuse_forget_data* forgets) {
  for (std::size_t i = 0; i < count; ++i) {
    forget(FileSystem::of(request), forgets[i].ino, forgets[i].nlookup);
  }
  ::fuse_reply_none(request);
}

// Makes something for the client by `call(directory)` and replies with its entry.
template <typename Call>
void make(fuse_req_t request, fuse_ino_t parent_id, const char* name, Call call) {
  FileSystem& fs = FileSystem::of(request);
  const NodePtr parent = node_of(request, parent_id);
  if (parent == nullptr) return;
  fuse_entry_param entry{};
  int err = may_change(fs, *parent, name);
  const HeldFd directory = fs.inodes.hold(*parent);
  if (err == 0 && directory.fd < 0) err = errno;
  if (err == 0) {
    const ClientIdentity client(request);
    err = call(directory.fd) == 0 ? 0 : errno;
  }
  if (err == 0) err = look_up(fs, parent, name, entry);
  reply_entry_or_error(request, err, entry);
}

void on_mkdir(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode) {
  make(request, parent, name, [&](int directory) { return ::mkdirat(directory, name, mode); });
}

void on_mknod(fuse_req_t request, fuse_ino_t parent, const char* name, mode_t mode, dev_t device) {
  make(request, parent, name,
       [&](int directory) { return ::mknodat(directory, name, mode, device); });
}

void on_symlink(fuse_req_t request, const char* target, fuse_ino_t parent, const char* name) {
  make(request, parent, name, [&](int directory) { return ::symlinkat(target, directory, name); });
}

// One without a name, or with one that is not yet its own.
bool is_open_without_database(Node& node) {
  const std::lock_guard lock(node.mutex);
  return node.opens != 0 && node.database == nullptr;
}

void on_link(fuse_req_t request, fuse_ino_t id, fuse_ino_t parent_id, const char* name) {
  FileSystem& fs = FileSystem::of(request);
  const NodePtr node = node_of(request, id);
  if (node == nullptr) return;
  const NodePtr parent = node_of(request, parent_id);
  if (parent == nullptr) return;
  int err = node->in_history ? EACCES : may_change(fs, *parent, name);
  fuse_entry_param entry{};
  const HeldFd file = fs.inodes.hold(*node);
  if (err == 0 && file.fd < 0) err = errno;
  const HeldFd directory = fs.inodes.hold(*parent);
  if (err == 0 && directory.fd < 0) err = errno;
  const bool is_nameless = is_open_without_database(*node);
  if (err == 0 && ::linkat(AT_FDCWD, DescriptorPath(file.fd).text, directory.fd, name,
                           AT_SYMLINK_FOLLOW) != 0) {
    err = errno;
  }
  if (err == 0) err = look_up(fs, parent, name, entry);
  if (err == 0 && is_nameless) follow_name(fs, *node);
  reply_entry_or_error(request, err, entry);
}

void on_readlink(fuse_req_t request, fuse_ino_t id) {
  const NodePtr node = node_of(request, id);
  if (node == nullptr) return;
  const HeldFd link = FileSystem::of(request).inodes.hold(*node);
  char target[PATH_MAX + 1];
  const ssize_t n = link.fd < 0 ? -1 : ::readlinkat(link.fd, "", target, PATH_MAX);
  if (n < 0) {
    ::fuse_reply_err(request, errno);
    return;
  }
  target[n] = '\0';
  ::fuse_reply_readlink(request, target);
}

void on_rmdir(fuse_req_t request, fuse_ino_t parent_id, const char* name) {
  const NodePtr parent = node_of(request, parent_id);
  if (parent == nullptr) return;
  FileSystem& fs = FileSystem::of(request);
  int err = may_change(fs, *parent, name);
  const HeldFd directory = fs.inodes.hold(*parent);
  if (err == 0 && directory.fd < 0) err = errno;
  if (err == 0 && ::unlinkat(directory.fd, name, AT_REMOVEDIR) != 0) err = errno;
  ::fuse_reply_err(request, err);
}

// The node of a name that is about to lose it, if the kernel knows the file and this is its last
// name.
NodePtr last_name_of(FileSystem& fs, int directory, const char* name) {
  struct stat st {};
  if (::fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) != 0) return nullptr;
  return st.st_nlink == 1 ? fs.inodes.find_file(st.st_dev, st.st_ino) : nullptr;
}

void lost_last_name(FileSystem& fs, Node& node) {
  fs.inodes.detach(node);
  const std::lock_guard lock(node.mutex);
  node.unlinked = true;
  drop_if_gone(node);
}

void on_unlink(fuse_req_t request, fuse_ino_t parent_id, const char* name) {
  FileSystem& fs = FileSystem::of(request);
  const NodePtr parent = node_of(request, parent_id);
  if (parent == nullptr) return;
  if (const int denied = may_change(fs, *parent, name); denied != 0) {
    ::fuse_reply_err(request, denied);
    return;
  }
  const HeldFd directory = fs.inodes.hold(*parent);
  if (directory.fd < 0) {
    ::fuse_reply_err(request, errno);
    return;
  }
  const NodePtr node = last_name_of(fs, directory.fd, name);
  const FileName file = classify_file(name);
  const std::shared_ptr<Database> database =
      fs.witness.find(fs.inodes.path_of(*parent, std::string(file.database)));
  if (database != nullptr) database->before_remove(file.role);
  const int err = ::unlinkat(directory.fd, name, 0) == 0 ? 0 : errno;
  if (err == 0 && node != nullptr) lost_last_name(fs, *node);
  if (database != nullptr) database->after_remove(file.role, err == 0);
  ::fuse_reply_err(request, err);
}

void on_rename(fuse_req_t request, fuse_ino_t parent_id, const char* name, fuse_ino_t new_parent_id,
               const char* new_name, unsigned flags) {
  FileSystem& fs = FileSystem::of(request);
  const NodePtr parent = node_of(request, parent_id);
  if (parent == nullptr) return;
  const NodePtr new_parent = node_of(request, new_parent_id);
  if (new_parent == nullptr) return;
  int denied = may_change(fs, *parent, name);
  if (denied == 0) denied = may_change(fs, *new_parent, new_name);
  if (denied != 0) {
    ::fuse_reply_err(request, denied);
    return;
  }
  const HeldFd directory = fs.inodes.hold(*parent);
  const HeldFd new_directory = fs.inodes.hold(*new_parent);
  if (directory.fd < 0 || new_directory.fd < 0) {
    ::fuse_reply_err(request, errno);
    return;
  }
  const bool exchange = (flags & RENAME_EXCHANGE) != 0;
  const NodePtr replaced = exchange ? nullptr : last_name_of(fs, new_directory.fd, new_name);
  struct stat moved {};
  struct stat other {};
  (void)::fstatat(directory.fd, name, &moved, AT_SYMLINK_NOFOLLOW);
  (void)::fstatat(new_directory.fd, new_name, &other, AT_SYMLINK_NOFOLLOW);
  const std::string from = fs.inodes.path_of(*parent, name);
  const std::string to = fs.inodes.path_of(*new_parent, new_name);
  NodePtr node, back;
  const int err = fs.witness.rename(from, to, exchange, [&] {
    if (::renameat2(directory.fd, name, new_directory.fd, new_name, flags) != 0) {
      return errno;
    }
    node = fs.inodes.find_file(moved.st_dev, moved.st_ino);
    if (replaced != nullptr && replaced != node) lost_last_name(fs, *replaced);
    if (node != nullptr) fs.inodes.renamed(*node, *new_parent, new_name);
    back = exchange ? fs.inodes.find_file(other.st_dev, other.st_ino) : nullptr;
    if (back != nullptr) fs.inodes.renamed(*back, *parent, name);
    return 0;
  });
  if (node != nullptr) follow_name(fs, *node);
  if (back != nullptr) follow_name(fs, *back);
  ::fuse_reply_err(request, err);
}

void on_opendir(fuse_req_t request, fuse_ino_t id, fuse_file_info* info) {
  const NodePtr node = node_of(request, id);
  if (node == nullptr) return;
  const HeldFd directory = FileSystem::of(request).inodes.hold(*node);
  const int fd =
      directory.fd < 0 ? -1 : ::openat(directory.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* stream = fd < 0 ? nullptr : ::fdopendir(fd);
  if (stream == nullptr) {
    const int err = errno;
    if (fd >= 0) ::close(fd);
    ::fuse_reply_err(request, err);
    return;
  }
  info->fh = reinterpret_cast<std::uint64_t>(stream);
  if (::fuse_reply_open(request, info) == -ENOENT) ::closedir(stream);
}

void on_readdir(fuse_req_t request, fuse_ino_t, std::size_t size, off_t offset,
                fuse_file_info* info) {
  DIR* stream = reinterpret_cast<DIR*>(info->fh);
  if (offset != ::telldir(stream)) ::seekdir(stream, offset);
  std::vector<char> listing(size);
  std::size_t used = 0;
  while (true) {
    const long before = ::telldir(stream);
    errno = 0;
    const dirent* entry = ::readdir(stream);
    if (entry == nullptr) {
      if (errno != 0 && used == 0) {
        ::fuse_reply_err(request, errno);
        return;
      }
      break;
    }
    struct stat st {};
    st.st_ino = entry->d_ino;
    st.st_mode = static_cast<mode_t>(DTTOIF(entry->d_type));
    const std::size_t needed = ::fuse_add_direntry(request, listing.data() + used, size - used,
                                                   entry->d_name, &st, ::telldir(stream));
    if (needed > size - used) {
      ::seekdir(stream, before);  // it starts the next answer
      break;
    }
    used += needed;
  }
  ::fuse_reply_buf(request, listing.data(), used);
}

void on_releasedir(fuse_req_t request, fuse_ino_t, fuse_file_info* info) {
  ::closedir(reinterpret_cast<DIR*>(info->fh));
  ::fuse_reply_err(request, 0);
}

void on_fsyncdir(fuse_req_t request, fuse_ino_t, int, fuse_file_info* info) {
  const int result = ::fsync(::dirfd(reinterpret_cast<DIR*>(info->fh)));
  ::fuse_reply_err(request, result == 0 ? 0 : errno);
}

}  // namespace

void add_name_operations(fuse_lowlevel_ops& operations) {
  operations.lookup = on_lookup;
  operations.forget = on_forget;
  operations.forget_multi = on_forget_multi;
  operations.mkdir = on_mkdir;
  operations.mknod = on_mknod;
  operations.symlink = on_symlink;
  operations.link = on_link;
  operations.readlink = on_readlink;
  operations.rmdir = on_rmdir;
  operations.unlink = on_unlink;
  operations.rename = on_rename;
  operations.opendir = on_opendir;
  operations.readdir = on_readdir;
  operations.releasedir = on_releasedir;
  operations.fsyncdir = on_fsyncdir;
}

}  // namespace litetool
