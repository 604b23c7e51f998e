#include "fuse/inode_table.h"

#include <vector>

#include "core/history/layout.h"

namespace litetool {
InodeTable::InodeTable(UniqueFd root) {
  auto node = std::make_shared<Node>();
  struct stat st {};
  LT_CHECK(::fstat(root.get(), &st) == 0);
  node->id = kRootId;
  node->device = st.st_dev;
  node->inode = st.st_ino;
  node->type = S_IFDIR;
  node->path = std::move(root);
  node->lookups = 1;
  by_file_[{st.st_dev, st.st_ino}] = kRootId;
  by_id_[kTopId] = node;
  by_id_[kRootId] = std::move(node);
}

NodePtr InodeTable::find(std::uint64_t id) const {
  const std::lock_guard lock(mutex_);
  const auto it = by_id_.find(id);
  return it == by_id_.end() ? nullptr : it->second;
}

NodePtr InodeTable::find_file(dev_t device, ino_t inode) const {
  const std::lock_guard lock(mutex_);
  const auto it = by_file_.find({device, inode});
  return it == by_file_.end() ? nullptr : by_id_.at(it->second);
}

NodePtr InodeTable::remember(const Node& parent, const std::string& name, const struct stat& st,
                             UniqueFd path, UniqueFd file) {
  const std::lock_guard lock(mutex_);
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
    node->path = std::move(path);
    node->file = std::move(file);
    node->file_writable = node->file.valid();
    by_file_[key] = node->id;
    by_id_[node->id] = node;
  }
  node->parent = parent.id;
  node->name = name;
  node->lookups += 1;
  return node;
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
