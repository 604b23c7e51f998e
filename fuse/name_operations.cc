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
#include "fuse/file_system.h"

namespace litetool {

int look_up(FileSystem& fs, const NodePtr& parent, const char* name, fuse_entry_param& entry) {
  UniqueFd path(::openat(parent->any_fd(), name, O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!path.valid()) return errno;
  struct stat st {};
  if (::fstatat(path.get(), "", &st, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) != 0) return errno;
  const NodePtr node = fs.inodes.remember(*parent, name, st, std::move(path));
  fill_entry(*node, st, entry);
  return 0;
}

int give_to_client(fuse_req_t request, const Node& parent, int fd, const char* name) {
  const fuse_ctx* client = ::fuse_req_ctx(request);
  gid_t group = client->gid;
  struct stat above {};
  if (::fstatat(parent.any_fd(), "", &above, AT_EMPTY_PATH) != 0) return errno;
  if ((above.st_mode & S_ISGID) != 0) group = above.st_gid;
  if (client->uid == ::geteuid() && group == ::getegid()) return 0;
  const int flags = AT_SYMLINK_NOFOLLOW | (*name == '\0' ? AT_EMPTY_PATH : 0);
  return ::fchownat(fd, name, client->uid, group, flags) == 0 ? 0 : errno;
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

void reply_entry_or_error(fuse_req_t request, int err, const fuse_entry_param& entry) {
  if (err != 0) {
    ::fuse_reply_err(request, err);
  } else if (::fuse_reply_entry(request, &entry) == -ENOENT) {
    FileSystem::of(request).inodes.forget(entry.ino, 1);
  }
}

void on_lookup(fuse_req_t request, fuse_ino_t parent_id, const char* name) {
  FileSystem& fs = FileSystem::of(request);
  const NodePtr parent = node_of(request, parent_id);
  if (parent == nullptr) return;
  fuse_entry_param entry{};
  int err = look_up(fs, parent, name, entry);
  if (err == ENOENT && !parent->in_history && name != kHistoryFolder) {
    err = 0;  // a negative entry: the kernel need not ask again until somebody creates the name
    entry.entry_timeout = cache_seconds(*parent);
  }
  reply_entry_or_error(request, err, entry);
}

void on_forget(fuse_req_t request, fuse_ino_t id, std::uint64_t lookups) {
  FileSystem::of(request).inodes.forget(id, lookups);
  ::fuse_reply_none(request);
}

void on_forget_multi(fuse_req_t request, std::size_t count, fuse_forget_data* forgets) {
  for (std::size_t i = 0; i < count; ++i) {
    FileSystem::of(request).inodes.forget(forgets[i].ino, forgets[i].nlookup);
  }
  ::fuse_reply_none(request);
}

// Replies with the entry of something just made as `name`, now the client's; undoes it on failure.
void reply_made(fuse_req_t request, const NodePtr& parent, const char* name, int undo_flags) {
  fuse_entry_param entry{};
  int err = give_to_client(request, *parent, parent->any_fd(), name);
  if (err == 0) err = look_up(FileSystem::of(request), parent, name, entry);
  if (err != 0) (void)::unlinkat(parent->any_fd(), name, undo_flags);
  reply_entry_or_error(request, err, entry);
}

void on_mkdir(fuse_req_t request, fuse_ino_t parent_id, const char* name, mode_t mode) {
  const NodePtr parent = node_of(request, parent_id);
  if (parent == nullptr) return;
  if (::mkdirat(parent->any_fd(), name, mode) != 0) {
    ::fuse_reply_err(request, errno);
    return;
  }
  reply_made(request, parent, name, AT_REMOVEDIR);
}

void on_mknod(fuse_req_t request, fuse_ino_t parent_id, const char* name, mode_t mode, dev_t dev) {
  const NodePtr parent = node_of(request, parent_id);
  if (parent == nullptr) return;
  if (::mknodat(parent->any_fd(), name, mode, dev) != 0) {
    ::fuse_reply_err(request, errno);
    return;
  }
  reply_made(request, parent, name, 0);
}

void on_symlink(fuse_req_t request, const char* target, fuse_ino_t parent_id, const char* name) {
  const NodePtr parent = node_of(request, parent_id);
  if (parent == nullptr) return;
  if (::symlinkat(target, parent->any_fd(), name) != 0) {
    ::fuse_reply_err(request, errno);
    return;
  }
  reply_made(request, parent, name, 0);
}

void on_link(fuse_req_t request, fuse_ino_t id, fuse_ino_t parent_id, const char* name) {
  const NodePtr node = node_of(request, id);
  if (node == nullptr) return;
  const NodePtr parent = node_of(request, parent_id);
  if (parent == nullptr) return;
  int err = 0;
  fuse_entry_param entry{};
  if (::linkat(AT_FDCWD, DescriptorPath(node->any_fd()).text, parent->any_fd(), name,
               AT_SYMLINK_FOLLOW) != 0) {
    err = errno;
  } else {
    err = look_up(FileSystem::of(request), parent, name, entry);
  }
  reply_entry_or_error(request, err, entry);
}

void on_readlink(fuse_req_t request, fuse_ino_t id) {
  const NodePtr node = node_of(request, id);
  if (node == nullptr) return;
  char target[PATH_MAX + 1];
  const ssize_t n = ::readlinkat(node->any_fd(), "", target, PATH_MAX);
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
  const int result = ::unlinkat(parent->any_fd(), name, AT_REMOVEDIR);
  ::fuse_reply_err(request, result == 0 ? 0 : errno);
}

// The node of a name that is about to lose it, if the kernel knows the file and this is its last
// name.
NodePtr last_name_of(FileSystem& fs, const Node& parent, const char* name) {
  struct stat st {};
  if (::fstatat(parent.any_fd(), name, &st, AT_SYMLINK_NOFOLLOW) != 0) return nullptr;
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
  const NodePtr node = last_name_of(fs, *parent, name);
  const FileName file = classify_file(name);
  std::shared_ptr<Database> database;
  if (!parent->in_history) {
    database = fs.witness.find(fs.inodes.path_of(*parent, std::string(file.database)));
  }
  if (database != nullptr) database->before_remove(file.role);
  const int err = ::unlinkat(parent->any_fd(), name, 0) == 0 ? 0 : errno;
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
  const bool exchange = (flags & RENAME_EXCHANGE) != 0;
  const NodePtr replaced = exchange ? nullptr : last_name_of(fs, *new_parent, new_name);
  struct stat moved {};
  struct stat other {};
  (void)::fstatat(parent->any_fd(), name, &moved, AT_SYMLINK_NOFOLLOW);
  (void)::fstatat(new_parent->any_fd(), new_name, &other, AT_SYMLINK_NOFOLLOW);
  const bool ours = parent->in_history || new_parent->in_history;
  const std::string from = fs.inodes.path_of(*parent, name);
  const std::string to = fs.inodes.path_of(*new_parent, new_name);
  if (::renameat2(parent->any_fd(), name, new_parent->any_fd(), new_name, flags) != 0) {
    ::fuse_reply_err(request, errno);
    return;
  }
  const NodePtr node = fs.inodes.find_file(moved.st_dev, moved.st_ino);
  if (replaced != nullptr && replaced != node) lost_last_name(fs, *replaced);
  if (node != nullptr) fs.inodes.renamed(*node, *new_parent, new_name);
  if (const NodePtr back = exchange ? fs.inodes.find_file(other.st_dev, other.st_ino) : nullptr) {
    fs.inodes.renamed(*back, *parent, name);
  }
  if (!ours) fs.witness.renamed(from, to, exchange);
  ::fuse_reply_err(request, 0);
}

void on_opendir(fuse_req_t request, fuse_ino_t id, fuse_file_info* info) {
  const NodePtr node = node_of(request, id);
  if (node == nullptr) return;
  const int fd = ::openat(node->any_fd(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
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
