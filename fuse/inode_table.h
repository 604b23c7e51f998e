// The inodes that the kernel knows about, each with the file beneath it.
//
// A node lives from its first LOOKUP to the last FORGET. It refers to its file by an O_PATH
// descriptor, so renames beneath do not disturb it; names are kept beside it only to know which
// database a file belongs to. Node ids are numbers, never pointers.
#pragma once

#include <sys/stat.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

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

  PoliteMutex mutex;  // guards what follows
  UniqueFd path;      // O_PATH; given up when the file is unlinked and closed
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
  // The descriptor to name the file by; -1 when it is gone.
  int any_fd() const { return path.valid() ? path.get() : file.get(); }
};
using NodePtr = std::shared_ptr<Node>;

class InodeTable {
 public:
  // The root is never forgotten.
  explicit InodeTable(UniqueFd root);

  // Null when the kernel names an id that we never gave out.
  NodePtr find(std::uint64_t id) const;
  NodePtr find_file(dev_t device, ino_t inode) const;

  // The node of a file just found as `name` in `parent`, counted as one more lookup. `path` is kept
  // when the node is new. `file`, when valid, becomes the node's open file instead.
  NodePtr remember(const Node& parent, const std::string& name, const struct stat& st,
                   UniqueFd path, UniqueFd file = UniqueFd());
  void forget(std::uint64_t id, std::uint64_t lookups);

  // The file has lost its last name: a new file with the same inode number is another node.
  void detach(Node& node);
  void renamed(Node& node, const Node& parent, const std::string& name);

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

  mutable std::mutex mutex_;
  std::uint64_t next_id_ = kRootId + 1;
  std::unordered_map<std::uint64_t, NodePtr> by_id_;
  std::unordered_map<Key, std::uint64_t, KeyHash> by_file_;
};

}  // namespace litetool
