// Requests about open files: create, open, read, write, fsync, release, fallocate.
//
// The mode of an inode (see IoMode) is chosen at its first open and kept until its last release,
// because the kernel refuses a mixture. Which mode suits a file is core's to say
// (Witness::must_see).
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <utility>
#include <vector>

#include "core/history/layout.h"
#include "fuse/client_identity.h"
#include "fuse/file_system.h"

namespace litetool {
namespace {

// Turns the open file into one that can be written, under the same descriptor: others are reading
// from it. 0 or an errno. Lock held.
int make_writable(Node& node) {
  if (node.file_writable) return 0;
  const UniqueFd writable = reopen(node.file.get(), O_RDWR);
  if (!writable.valid() || ::dup3(writable.get(), node.file.get(), O_CLOEXEC) < 0) return errno;
  node.file_writable = true;
  return 0;
}

// Opens the node's file for I/O if it is not open yet; 0 or an errno. Lock held.
int open_file(FileSystem& fs, Node& node, bool for_writing) {
  if (node.file.valid()) return for_writing ? make_writable(node) : 0;
  if (!fs.inodes.reach(node)) return errno;
  // Read-write whatever the client asked for: one descriptor serves all its opens.
  node.file = reopen(node.any_fd(), O_RDWR);
  node.file_writable = node.file.valid();
  if (!node.file.valid() && !for_writing) node.file = reopen(node.any_fd(), O_RDONLY);
  return node.file.valid() ? 0 : errno;
}

// Locks the node to be opened, and says which database its file belongs to while nobody else has it
// open. In one step: a last close in between would take the database away again.
std::unique_lock<PoliteMutex> lock_with_database(FileSystem& fs, Node& node) {
  if (node.in_history) return std::unique_lock(node.mutex);
  const std::string path = fs.inodes.path_of(node);
  const FileName file = classify_file(path);
  std::shared_ptr<Database> database = fs.witness.database_to_open(std::string(file.database));
  if (database != nullptr) database->before_open();
  std::unique_lock lock(node.mutex);
  if (node.opens == 0) {
    node.role = file.role;
    node.database = std::move(database);
  }
  return lock;
}

// Chooses the mode of the first open of a file of that size. Lock held.
void choose_mode(FileSystem& fs, Node& node, bool for_writing, off_t size) {
  if (node.in_history) {
    node.mode = IoMode::kDirect;
    return;
  }
  node.mode = IoMode::kCached;
  if (!fs.passthrough.negotiated()) return;
  // Who looks whether a kept journal is hot finds it in the page cache; reading it by passthrough
  // would have the kernel ask for its times again.
  if (node.role == FileRole::kJournal && !for_writing) return;
  std::byte first[100];
  const ssize_t n = size == 0 ? 0 : ::pread(node.file.get(), first, sizeof first, 0);
  if (n < 0 || Witness::must_see_writes(node.role, Bytes(first, static_cast<std::size_t>(n)))) {
    return;
  }
  // Without a backing id the page cache still serves the file correctly.
  const Result<int> id = fs.passthrough.open_backing(node.file.get());
  if (!id) return;
  node.backing_id = *id;
  node.mode = IoMode::kPassthrough;
}

// Counts an open of the node's file, which is `st`, and says how its I/O goes. Lock held.
void begin_open(fuse_req_t request, Node& node, fuse_file_info& info, const struct stat& st) {
  FileSystem& fs = FileSystem::of(request);
  const bool writes = (info.flags & O_ACCMODE) != O_RDONLY;
  node.note_mode(st.st_mode);
  if (node.mode == IoMode::kClosed) choose_mode(fs, node, writes, st.st_size);
  node.opens += 1;
  node.writers += writes ? 1 : 0;
  info.noflush = 1;  // locks are the kernel's, and nothing is written late
  info.direct_io = node.mode == IoMode::kDirect;
  info.keep_cache = node.mode == IoMode::kCached && !node.cache_stale;
  if (node.mode == IoMode::kPassthrough) {
    node.cache_stale = true;
  } else if (node.mode == IoMode::kCached) {
    node.cache_stale = false;
  }
}

// The first open, with its mode chosen. Lock held.
void tell_opened(FileSystem& fs, Node& node) {
  if (node.database == nullptr) return;
  node.database->opened(node.role, node.id, node.mode == IoMode::kCached);
  if (node.role == FileRole::kWal || node.role == FileRole::kJournal) {
    fs.witness.watch(node.database);
  }
}

// What an open file is to a database; another thread may make it that of another one.
struct DatabasePart {
  std::shared_ptr<Database> database;  // null for no database's
  FileRole role;
};

// Takes back one open; true when it was the last one. Lock held.
bool end_open(FileSystem& fs, Node& node) {
  node.opens -= 1;
  if (node.opens != 0) return false;
  if (node.backing_id != 0) fs.passthrough.close_backing(node.backing_id);
  node.backing_id = 0;
  node.mode = IoMode::kClosed;
  if (!node.unlinked && node.path == nullptr) {
    fs.inodes.set_path(node, reopen(node.file.get(), O_PATH));
  }
  node.file.reset();
  drop_if_gone(node);
  return true;
}

void finish_open(FileSystem& fs, Node& node, bool writes) {
  std::unique_lock lock(node.mutex);
  node.writers -= writes ? 1 : 0;
  if (writes && node.writers == 0 && !node.unlinked && node.database != nullptr) {
    // Still counted as open: until core has looked, the mode of the inode cannot change.
    const DatabasePart part{node.database, node.role};
    lock.unlock();
    part.database->before_last_writer_leaves(part.role);
    lock.lock();
  }
  if (!end_open(fs, node)) return;
  const DatabasePart part{std::exchange(node.database, nullptr), node.role};
  lock.unlock();
  if (part.database != nullptr) part.database->closed(part.role, node.id);
}

void on_open(fuse_req_t request, fuse_ino_t id, fuse_file_info* info) {
  FileSystem& fs = FileSystem::of(request);
  if (VirtualFiles::is_virtual(id)) {
    fs.virtual_files.open(request, id, *info);
    return;
  }
  const NodePtr node = fs.inodes.find(id);
  const bool writes = (info->flags & O_ACCMODE) != O_RDONLY;
  if (node == nullptr || (node->in_history && writes && !node->is_tags)) {
    ::fuse_reply_err(request, node == nullptr ? ESTALE : EACCES);
    return;
  }
  std::unique_lock lock = lock_with_database(fs, *node);
  struct stat st {};
  int err = open_file(fs, *node, writes);
  if (err == 0 && ::fstat(node->file.get(), &st) != 0) err = errno;
  if (err != 0) {
    lock.unlock();
    ::fuse_reply_err(request, err);
    return;
  }
  begin_open(request, *node, *info, st);
  if (node->opens == 1) tell_opened(fs, *node);
  const int backing_id = node->backing_id;
  lock.unlock();
  if (fs.passthrough.reply_open(request, *info, backing_id) == -ENOENT) {
    finish_open(fs, *node, writes);
  }
}

// Makes a file for the client, or finds one that appeared meanwhile; 0 or an errno.
int make_file(fuse_req_t request, Node& parent, const char* name, mode_t mode, int flags,
              UniqueFd& file) {
  if (!parent.in_history || name != kTagsFile) {
    if (const int err = may_change(FileSystem::of(request), parent, name); err != 0) return err;
  }
  const HeldFd directory = FileSystem::of(request).inodes.hold(parent);
  if (directory.fd < 0) return errno;
  const int common = O_RDWR | O_NOFOLLOW | O_CLOEXEC;
  {
    const ClientIdentity client(request);
    file.reset(::openat(directory.fd, name, common | O_CREAT | O_EXCL, mode));
  }
  if (file.valid()) return 0;
  if (errno != EEXIST || (flags & O_EXCL) != 0) return errno;
  // Nobody has asked yet whether this client may open the file.
  const ClientIdentity client(request, ClientIdentity::Rights::kAsk);
  file.reset(::openat(directory.fd, name, common));
  return file.valid() ? 0 : errno;
}

// A file without a name. It may get one later, by link.
int make_nameless_file(fuse_req_t request, Node& parent, mode_t mode, int flags, UniqueFd& file) {
  if (parent.in_history) return EACCES;
  const HeldFd directory = FileSystem::of(request).inodes.hold(parent);
  if (directory.fd < 0) return errno;
  const ClientIdentity client(request);
  file.reset(::openat(directory.fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC | (flags & O_EXCL), mode));
  return file.valid() ? 0 : errno;
}

// Replies to CREATE with a new file that is open already.
void reply_created(fuse_req_t request, const Node& parent, const char* name, UniqueFd file,
                   fuse_file_info& info) {
  FileSystem& fs = FileSystem::of(request);
  struct stat st {};
  if (::fstat(file.get(), &st) != 0) {
    ::fuse_reply_err(request, errno);
    return;
  }
  const NodePtr node = fs.inodes.remember(parent, name, st, UniqueFd(), std::move(file));
  const bool writes = (info.flags & O_ACCMODE) != O_RDONLY;
  fuse_entry_param entry{};
  fill_entry(*node, st, entry);
  std::unique_lock lock =
      *name != '\0' ? lock_with_database(fs, *node) : std::unique_lock(node->mutex);
  const int err = open_file(fs, *node, writes);
  if (err == 0) begin_open(request, *node, info, st);
  if (err == 0 && node->opens == 1) tell_opened(fs, *node);
  const int backing_id = node->backing_id;
  lock.unlock();
  if (err != 0) {
    fs.inodes.forget(node->id, 1);
    ::fuse_reply_err(request, err);
  } else if (fs.passthrough.reply_create(request, entry, info, backing_id) == -ENOENT) {
    finish_open(fs, *node, writes);
    fs.inodes.forget(node->id, 1);
  }
}

void on_create(fuse_req_t request, fuse_ino_t parent_id, const char* name, mode_t mode,
               fuse_file_info* info) {
  const NodePtr parent = FileSystem::of(request).inodes.find(parent_id);
  const bool nameless = (info->flags & __O_TMPFILE) != 0;
  UniqueFd file;
  int err = ESTALE;
  if (parent != nullptr) {
    err = nameless ? make_nameless_file(request, *parent, mode, info->flags, file)
                   : make_file(request, *parent, name, mode, info->flags, file);
  }
  if (err != 0) {
    ::fuse_reply_err(request, err);
    return;
  }
  reply_created(request, *parent, nameless ? "" : name, std::move(file), *info);
}

void on_release(fuse_req_t request, fuse_ino_t id, fuse_file_info* info) {
  FileSystem& fs = FileSystem::of(request);
  if (VirtualFiles::is_virtual(id)) {
    VirtualFiles::release(*info);
  } else if (const NodePtr node = fs.inodes.find(id); node != nullptr) {
    finish_open(fs, *node, (info->flags & O_ACCMODE) != O_RDONLY);
  }
  ::fuse_reply_err(request, 0);
}

DatabasePart part_of(Node& node) {
  const std::lock_guard lock(node.mutex);
  return {node.unlinked ? nullptr : node.database, node.role};
}

// The node of an open file; null, and the request answered, when there is none.
NodePtr open_node(fuse_req_t request, fuse_ino_t id) {
  NodePtr node = FileSystem::of(request).inodes.find(id);
  if (node != nullptr && node->file.valid()) return node;
  ::fuse_reply_err(request, EBADF);
  return nullptr;
}

void on_read(fuse_req_t request, fuse_ino_t id, std::size_t size, off_t offset,
             fuse_file_info* info) {
  if (VirtualFiles::is_virtual(id)) {
    FileSystem::of(request).virtual_files.read(request, id, size, offset, *info);
    return;
  }
  const NodePtr node = open_node(request, id);
  if (node == nullptr) return;
  thread_local std::vector<char> buffer;
  if (buffer.size() < size) buffer.resize(size);
  const ssize_t n = ::pread(node->file.get(), buffer.data(), size, offset);
  if (n < 0) {
    ::fuse_reply_err(request, errno);
    return;
  }
  ::fuse_reply_buf(request, buffer.data(), static_cast<std::size_t>(n));
}

// The kernel says so itself before a write to the page cache or by passthrough (see on_setattr),
// but not before one with O_DIRECT.
void write_to_privileged(fuse_req_t request, Node& node) {
  if (::fuse_req_ctx(request)->uid == 0) return;
  {
    const std::lock_guard lock(node.mutex);
    strip_privileges(request, node);
  }
  FileSystem::of(request).attributes_changed(node);
}

void on_write(fuse_req_t request, fuse_ino_t id, const char* bytes, std::size_t size, off_t offset,
              fuse_file_info*) {
  const NodePtr node = open_node(request, id);
  if (node == nullptr) return;
  if (node->has_privileges) write_to_privileged(request, *node);
  const auto [database, role] = part_of(*node);
  if (database != nullptr) database->before_write(role);
  const ssize_t n = ::pwrite(node->file.get(), bytes, size, offset);
  const int err = errno;
  if (database != nullptr) {
    const bool whole = n == static_cast<ssize_t>(size);
    const ByteRange early =
        database->after_write(role, static_cast<std::uint64_t>(offset), size,
                              whole ? std::as_bytes(std::span(bytes, size)) : Bytes());
    if (early.size != 0) {
      (void)::sync_file_range(node->file.get(), static_cast<off_t>(early.offset),
                              static_cast<off_t>(early.size), SYNC_FILE_RANGE_WRITE);
    }
  }
  if (n < 0) {
    ::fuse_reply_err(request, err);
    return;
  }
  ::fuse_reply_write(request, static_cast<std::size_t>(n));
}

void on_fsync(fuse_req_t request, fuse_ino_t id, int data_only, fuse_file_info*) {
  const NodePtr node = open_node(request, id);
  if (node == nullptr) return;
  const int fd = node->file.get();
  const auto [database, role] = part_of(*node);
  if (database != nullptr) {
    // The disk works while core captures and makes its own file safe.
    (void)::sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
    database->before_sync(role);
  }
  const int err = (data_only != 0 ? ::fdatasync(fd) : ::fsync(fd)) == 0 ? 0 : errno;
  if (err != 0 && database != nullptr) database->sync_failed();
  ::fuse_reply_err(request, err);
}

void on_fallocate(fuse_req_t request, fuse_ino_t id, int mode, off_t offset, off_t length,
                  fuse_file_info*) {
  const NodePtr node = open_node(request, id);
  if (node == nullptr) return;
  const auto [database, role] = part_of(*node);
  if (database != nullptr) database->before_write(role);
  const int err = ::fallocate(node->file.get(), mode, offset, length) == 0 ? 0 : errno;
  if (database != nullptr && err == 0) {
    database->after_write(role, static_cast<std::uint64_t>(offset),
                          static_cast<std::uint64_t>(length));
  }
  ::fuse_reply_err(request, err);
}

// Only for SEEK_DATA and SEEK_HOLE: the kernel moves file positions itself.
void on_lseek(fuse_req_t request, fuse_ino_t id, off_t offset, int whence, fuse_file_info*) {
  const NodePtr node = open_node(request, id);
  if (node == nullptr) return;
  const off_t found = ::lseek(node->file.get(), offset, whence);
  found < 0 ? ::fuse_reply_err(request, errno) : ::fuse_reply_lseek(request, found);
}

void on_retrieve_reply(fuse_req_t request, void* cookie, fuse_ino_t, off_t, fuse_bufvec* pieces) {
  Buffer bytes(::fuse_buf_size(pieces));
  fuse_bufvec into = FUSE_BUFVEC_INIT(bytes.size());
  into.buf[0].mem = bytes.data();
  const ssize_t n = ::fuse_buf_copy(&into, pieces, fuse_buf_copy_flags{});
  bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
  FileSystem::of(request).peek.answered(reinterpret_cast<std::uint64_t>(cookie), bytes);
  ::fuse_reply_none(request);
}

void follow_file(FileSystem& fs, Node& node) {
  if (node.in_history) return;
  std::unique_lock lock(node.mutex);
  if (node.opens == 0) return;
  lock.unlock();
  const std::string path = fs.inodes.path_of(node);
  const FileName file = classify_file(path);
  const std::shared_ptr<Database> database =
      fs.witness.database_to_open(std::string(file.database));
  lock.lock();
  if (node.opens == 0 || (node.database == database && node.role == file.role)) return;
  const std::shared_ptr<Database> before = std::exchange(node.database, database);
  const FileRole role = std::exchange(node.role, file.role);
  tell_opened(fs, node);
  if (node.writers != 0 && database != nullptr) database->written_elsewhere(node.role);
  lock.unlock();
  if (before != nullptr) before->closed(role, node.id);
}

}  // namespace

void follow_name(FileSystem& fs, Node& node) {
  if (node.type == S_IFREG) follow_file(fs, node);
  if (node.type != S_IFDIR) return;
  for (const NodePtr& file : fs.inodes.files_below(node)) follow_file(fs, *file);
}

void add_file_operations(fuse_lowlevel_ops& operations) {
  operations.open = on_open;
  operations.create = on_create;
  operations.release = on_release;
  operations.read = on_read;
  operations.write = on_write;
  operations.fsync = on_fsync;
  operations.fallocate = on_fallocate;
  operations.lseek = on_lseek;
  operations.retrieve_reply = on_retrieve_reply;
}

}  // namespace litetool
