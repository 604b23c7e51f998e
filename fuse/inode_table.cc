#include "fuse/inode_table.h"

#include <fcntl.h>
#include <sys/resource.h>

#include <cerrno>
#include <vector>

#include "core/history/layout.h"
#include "core/os/beneath.h"

namespace litetool {
namespace {

constexpr int kPathFlags = O_PATH | O_NOFOLLOW | O_CLOEXEC;

}  // namespace

std::size_t InodeTable::paths_to_spare() {
  rlimit limit{};
  LT_CHECK(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  return limit.rlim_cur / 2;
}

InodeTable::InodeTable(UniqueFd root, std::size_t most_paths)
    : root_(std::make_shared<const UniqueFd>(std::move(root))), most_paths_(most_paths) {
  auto node = std::make_shared<Node>();
  struct stat st {};
  LT_CHECK(::fstat(root_->get(), &st) == 0);
  node->id = kRootId;
  node->device = st.st_dev;
  node->inode = st.st_ino;
  node->type = S_IFDIR;
  node->path = root_;
  node->lookups = 1;
  by_file_[{st.st_dev, st.st_ino}] = kRootId;
  by_id_[kTopId] = node;
  by_id_[kRootId] = std::move(node);
}

NodePtr InodeTable::find(std::uint64_t id) const {
  const std::lock_guard lock(mutex_);
  const auto it = by_id_.find(id);
  if (it == by_id_.end()) return nullptr;
  Node& node = *it->second;
  if (node.has_place) with_path_.splice(with_path_.end(), with_path_, node.place);
  return it->second;
}

NodePtr InodeTable::find_file(dev_t device, ino_t inode) const {
  const std::lock_guard lock(mutex_);
  const auto it = by_file_.find({device, inode});
  return it == by_file_.end() ? nullptr : by_id_.at(it->second);
}

NodePtr InodeTable::remember(const Node& parent, const std::string& name, const struct stat& st,
                             UniqueFd path, UniqueFd file) {
  std::unique_lock lock(mutex_);
  const Key key{st.st_dev, st.st_ino};
  NodePtr node;
  if (const auto it = by_file_.find(key); it != by_file_.end()) {
    node = by_id_.at(it->second);
  } else {
    node = std::make_shared<Node>();
    node->id = next_id_++;
    node->device = st.st_dev;
    node->inode = st.st_ino;
    node->type = st.st_mode & S_IFMT;
    node->in_history = parent.in_history || (parent.id == kRootId && name == kHistoryFolder);
    node->is_tags = parent.in_history && name == kTagsFile && S_ISREG(st.st_mode);
    node->file = std::move(file);
    node->file_writable = node->file.valid();
    by_file_[key] = node->id;
    by_id_[node->id] = node;
  }
  node->parent = parent.id;
  node->name = name;
  node->lookups += 1;
  lock.unlock();
  // Who has the lock of a node finds its file by the name that was just set.
  const std::unique_lock node_lock(node->mutex, std::try_to_lock);
  if (node_lock.owns_lock() && node->path == nullptr && !node->unlinked) {
    set_path(*node, std::move(path));
  }
  return node;
}

void InodeTable::set_path(Node& node, UniqueFd path) {
  if (!path.valid()) return;
  node.path = std::make_shared<const UniqueFd>(std::move(path));
  take_place(node);
  close_unused_paths(node);
}

bool InodeTable::reach(Node& node) {
  if (node.any_fd() >= 0) return true;
  UniqueFd path = open_by_name(node);
  if (!path.valid()) return false;
  set_path(node, std::move(path));
  return true;
}

UniqueFd InodeTable::open_by_name(const Node& node) const {
  errno = ESTALE;
  if (node.unlinked) return UniqueFd();
  const NameBeneath name(root_->get(), path_of(node));
  struct stat st {};
  UniqueFd path;
  if (name.found()) path.reset(::openat(name.dir(), name.name(), kPathFlags));
  if (!path.valid() || ::fstat(path.get(), &st) != 0) {
    if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP) errno = ESTALE;
    return UniqueFd();
  }
  if (st.st_dev == node.device && st.st_ino == node.inode) return path;
  errno = ESTALE;
  return UniqueFd();
}

HeldFd InodeTable::hold(Node& node) {
  const std::lock_guard lock(node.mutex);
  if (!reach(node)) return {};
  return {node.path, node.any_fd()};
}

// The lock of `used` is held, so that of another one is only tried: who has it needs the path now.
void InodeTable::close_unused_paths(const Node& used) {
  while (const NodePtr node = take_longest_unused(used)) {
    const std::unique_lock lock(node->mutex, std::try_to_lock);
    if (!lock.owns_lock()) {
      take_place(*node);
      return;
    }
    node->path.reset();
  }
}

NodePtr InodeTable::take_longest_unused(const Node& used) {
  const std::lock_guard lock(mutex_);
  if (with_path_.size() <= most_paths_) return nullptr;
  Node& node = *with_path_.front();
  if (&node == &used) return nullptr;
  leave_place(node);
  return by_id_.at(node.id);
}

// A node that was forgotten meanwhile gets none: its path is closed with it.
void InodeTable::take_place(Node& node) {
  const std::lock_guard lock(mutex_);
  if (node.has_place || !by_id_.contains(node.id)) return;
  node.place = with_path_.insert(with_path_.end(), &node);
  node.has_place = true;
}

void InodeTable::leave_place(Node& node) {
  if (node.has_place) with_path_.erase(node.place);
  node.has_place = false;
}

void InodeTable::forget(std::uint64_t id, std::uint64_t lookups) {
  const std::lock_guard lock(mutex_);
  const auto it = by_id_.find(id);
  if (it == by_id_.end() || it->second->id == kRootId) return;
  Node& node = *it->second;
  node.lookups -= std::min(node.lookups, lookups);
  if (node.lookups != 0) return;
  const auto file = by_file_.find({node.device, node.inode});
  if (file != by_file_.end() && file->second == id) by_file_.erase(file);
  leave_place(node);
  by_id_.erase(it);
}

void InodeTable::detach(Node& node) {
  const std::lock_guard lock(mutex_);
  const auto file = by_file_.find({node.device, node.inode});
  if (file != by_file_.end() && file->second == node.id) by_file_.erase(file);
}

void InodeTable::renamed(Node& node, const Node& parent, const std::string& name) {
  const std::lock_guard lock(mutex_);
  node.parent = parent.id;
  node.name = name;
}

std::vector<NodePtr> InodeTable::files_below(const Node& directory) const {
  const std::lock_guard lock(mutex_);
  std::vector<NodePtr> files;
  for (const auto& [id, node] : by_id_) {
    if (node->type == S_IFREG && is_below(*node, directory.id)) files.push_back(node);
  }
  return files;
}

bool InodeTable::is_below(const Node& node, std::uint64_t directory) const {
  for (std::uint64_t id = node.parent; id != directory;) {
    const auto it = by_id_.find(id);
    if (id == kRootId || it == by_id_.end()) return false;
    id = it->second->parent;
  }
  return true;
}

std::string InodeTable::path_of(const Node& parent, const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const std::string above = path_locked(parent.id);
  return above.empty() ? name : above + "/" + name;
}

std::string InodeTable::path_of(const Node& node) const {
  const std::lock_guard lock(mutex_);
  return path_locked(node.id);
}

std::string InodeTable::path_locked(std::uint64_t id) const {
  std::string path;
  // A parent that the kernel has forgotten cannot have children it still knows.
  while (id != kRootId) {
    const auto it = by_id_.find(id);
    if (it == by_id_.end()) break;
    path = path.empty() ? it->second->name : it->second->name + "/" + path;
    id = it->second->parent;
  }
  return path;
}

}  // namespace litetool
