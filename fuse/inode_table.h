// The inodes that the kernel knows about, each with the file beneath it.
//
// A node lives from its first LOOKUP to the last FORGET, for as long as the kernel likes to
// remember a file. It refers to its file by an O_PATH descriptor. Of those no more are kept open
// than the process can spare: the ones that were not used for longest are closed, and opened again
// by name when they are needed. Node ids are numbers, never pointers.
#pragma once

#include <sys/stat.h>

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/capture/database.h"
#include "core/capture/file_name.h"
#include "core/os/polite_mutex.h"
#include "core/os/unique_fd.h"
#include "formats/base/result.h"

namespace litetool {

// The root, which is the served directory. It also answers to the id that the kernel gives to the
// top directory of a file system: they are the same, or nobody reaches the top one (HiddenMount).
constexpr std::uint64_t kTopId = 1;  // FUSE_ROOT_ID
constexpr std::uint64_t kRootId = 2;

// How the opens of an inode do their I/O. The kernel allows one mode per inode at a time.
enum class IoMode : std::uint8_t {
  kClosed,       // nobody has it open; decided at the next open
  kPassthrough,  // kernel, on the backing file
  kCached,       // page cache, written through to us
  kDirect,       // every call reaches us: files that we change ourselves
};

struct Node;
using NodePtr = std::shared_ptr<Node>;
using SharedFd = std::shared_ptr<const UniqueFd>;

struct Node {
  std::uint64_t id = 0;
  dev_t device = 0;
  ino_t inode = 0;
  mode_t type = 0;          // S_IFMT bits
  bool in_history = false;  // .litetool and everything below: ours, never captured or cached
  bool is_tags = false;     // the file in it that people write, too

  // Guarded by the table's mutex.
  std::uint64_t parent = 0;
  std::string name;
  std::uint64_t lookups = 0;
  std::list<Node*>::iterator place;  // among those with a path, while has_place
  bool has_place = false;

  PoliteMutex mutex;  // guards what follows
  SharedFd path;      // O_PATH; null until InodeTable::reach(), and when unlinked and closed
  UniqueFd file;      // for I/O, while open
  bool file_writable = false;
  std::atomic<bool> unlinked = false;        // written under the mutex
  std::atomic<bool> has_privileges = false;  // set-user-id or set-group-id, when last looked at
  bool cache_stale = false;  // written behind the page cache's back since it was last filled
  std::atomic<IoMode> mode = IoMode::kClosed;  // written under the mutex
  int backing_id = 0;
  int opens = 0;
  int writers = 0;
  FileRole role = FileRole::kDatabase;
  std::shared_ptr<Database> database;  // set at open, for files that belong to one

  void note_mode(mode_t now) { has_privileges = (now & (S_ISUID | S_ISGID)) != 0; }
  // The descriptor to name the file by, after InodeTable::reach(); -1 when it is gone.
  int any_fd() const { return path != nullptr ? path->get() : file.get(); }
};

// A descriptor of a node's file that stays open while this lives.
struct HeldFd {
  SharedFd path;
  int fd = -1;  // -1, with errno set, when there is none
};

class InodeTable {
 public:
  // Half of the descriptors that this process may have; the others are for open files and
  // databases.
  static std::size_t paths_to_spare();
  // The root is never forgotten. `most_paths` is how many O_PATH descriptors may be open.
  InodeTable(UniqueFd root, std::size_t most_paths);

  // Null when the kernel names an id that we never gave out.
  NodePtr find(std::uint64_t id) const;
  NodePtr find_file(dev_t device, ino_t inode) const;

  // The node of a file just found as `name` in `parent`, counted as one more lookup. `path` is kept
  // when the node has none. `file`, when valid, becomes a new node's open file instead.
  NodePtr remember(const Node& parent, const std::string& name, const struct stat& st,
                   UniqueFd path, UniqueFd file = UniqueFd());
  void forget(std::uint64_t id, std::uint64_t lookups);

  // Sees to it that any_fd() names the node's file for as long as the node's lock is held, which it
  // is. False, with errno set, when the file cannot be found: ESTALE when it has gone, or is known
  // by another name that the kernel will ask for.
  bool reach(Node& node);
  // The same for who does not want to hold the lock.
  HeldFd hold(Node& node);
  // The node's lock is held.
  void set_path(Node& node, UniqueFd path);

  // The file has lost its last name: a new file with the same inode number is another node.
  void detach(Node& node);
  void renamed(Node& node, const Node& parent, const std::string& name);
  // The regular files that the kernel knows of in a directory and below it.
  std::vector<NodePtr> files_below(const Node& directory) const;

  // Path of `name` in `parent`, relative to the root.
  std::string path_of(const Node& parent, const std::string& name) const;
  std::string path_of(const Node& node) const;

 private:
  struct Key {
    dev_t device;
    ino_t inode;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& k) const {
      return std::hash<std::uint64_t>()(k.inode * 31 + k.device);
    }
  };
  std::string path_locked(std::uint64_t id) const;
  bool is_below(const Node& node, std::uint64_t directory) const;  // mutex_ held
  UniqueFd open_by_name(const Node& node) const;
  void close_unused_paths(const Node& used);
  NodePtr take_longest_unused(const Node& used);
  void take_place(Node& node);
  void leave_place(Node& node);  // mutex_ held

  const SharedFd root_;
  const std::size_t most_paths_;
  mutable std::mutex mutex_;  // guards what follows; may be taken with a node's lock held
  std::uint64_t next_id_ = kRootId + 1;
  std::unordered_map<std::uint64_t, NodePtr> by_id_;
  std::unordered_map<Key, std::uint64_t, KeyHash> by_file_;
  // Those with a path, except for the root; the one that was used last at the end.
  mutable std::list<Node*> with_path_;
};

}  // namespace litetool
