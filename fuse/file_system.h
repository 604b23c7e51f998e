// What the request handlers share: the inode table, passthrough, and core's witness of changes.
//
// One object per mount; it is the session's user data. Handlers are grouped by what they touch:
// name_operations.cc, file_operations.cc, attribute_operations.cc.
#pragma once

#include <atomic>

#include "core/capture/witness.h"
#include "fuse/cache_peek.h"
#include "fuse/descriptor_path.h"
#include "fuse/inode_table.h"
#include "fuse/passthrough.h"
#include "fuse/virtual_files.h"

namespace litetool {

struct FileSystem : PassthroughHolder {
  FileSystem(UniqueFd root, Witness& the_witness, CachePeek& the_peek)
      : root_fd(root.get()),
        inodes(std::move(root), InodeTable::paths_to_spare()),
        witness(the_witness),
        peek(the_peek),
        virtual_files(the_witness, root_fd) {}

  static FileSystem& of(fuse_req_t request) {
    return *static_cast<FileSystem*>(static_cast<PassthroughHolder*>(::fuse_req_userdata(request)));
  }

  // The kernel asks again for the attributes of a node, which changed without its knowledge.
  void attributes_changed(const Node& node);

  int root_fd;                    // the directory beneath the mount; owned by the root node
  bool served_below_top = false;  // whatever is in the top directory is the root (HiddenMount)
  InodeTable inodes;
  Witness& witness;
  CachePeek& peek;
  VirtualFiles virtual_files;
  std::atomic<fuse_session*> session{nullptr};  // while it serves
};

// The kernel is the only one that changes files beneath the mount, except in the history folder.
double cache_seconds(const Node& node);

// All handlers, for fuse_session_new().
const fuse_lowlevel_ops& file_system_operations();

void add_name_operations(fuse_lowlevel_ops& operations);
void add_file_operations(fuse_lowlevel_ops& operations);
void add_attribute_operations(fuse_lowlevel_ops& operations);

// Finds `name` in `parent` and counts a lookup; 0 or an errno. On success `entry` is complete.
int look_up(FileSystem& fs, const NodePtr& parent, const char* name, fuse_entry_param& entry);
void fill_entry(const Node& node, const struct stat& st, fuse_entry_param& entry);
// 0 when clients may make, replace or remove `name` in `parent`; EACCES for what is ours: the
// history, and a virtual file.
int may_change(FileSystem& fs, Node& parent, const char* name);
// Takes set-user-id and set-group-id from a file that the client of the request writes to, shortens
// or gives away: the kernel leaves that to us (HANDLE_KILLPRIV_V2). Lock held.
void strip_privileges(fuse_req_t request, Node& node);
// A file that was renamed while it is open, itself or with its directory, belongs to the database
// of its new name: to the clients it is closed long before its last close reaches us.
void follow_name(FileSystem& fs, Node& node);
// Forgets what the node holds open when its file has no name and no open left. Lock held.
void drop_if_gone(Node& node);

}  // namespace litetool
