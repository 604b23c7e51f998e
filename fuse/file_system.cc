#include "fuse/file_system.h"

#include "core/os/background.h"
#include "fuse/request_counts.h"
#include "fuse/ring/entry.h"

namespace litetool {
namespace {

void on_init(void* user_data, fuse_conn_info* connection) {
  become_urgent_thread();  // the first one that serves, and starts the others
  // O_TRUNC arrives as a SETATTR of its own. The page cache belongs to this mount alone, so nothing
  // is dropped when times move; splicing costs more than it saves at the size of a page.
  connection->want &= ~static_cast<unsigned>(FUSE_CAP_ATOMIC_O_TRUNC | FUSE_CAP_AUTO_INVAL_DATA |
                                             FUSE_CAP_SPLICE_READ | FUSE_CAP_SPLICE_WRITE |
                                             FUSE_CAP_SPLICE_MOVE | FUSE_CAP_WRITEBACK_CACHE);
  // The file system beneath decides about modes, by the client's umask or a default ACL.
  constexpr unsigned kAccess = FUSE_CAP_DONT_MASK | FUSE_CAP_POSIX_ACL;
  connection->want |= connection->capable & kAccess;
  connection->max_write = ring::kMaxPayload;
  connection->time_gran = 1;
  static_cast<PassthroughHolder*>(user_data)->passthrough.on_init(connection);
}

}  // namespace

void FileSystem::attributes_changed(const Node& node) {
  constexpr off_t kAttributesOnly = -1;
  fuse_session* const serving = session;
  if (serving != nullptr) {
    (void)::fuse_lowlevel_notify_inval_inode(serving, node.id, kAttributesOnly, 0);
  }
}

const fuse_lowlevel_ops& file_system_operations() {
  // Locks are left out on purpose: the kernel then keeps them, for all processes on the mount.
  static const fuse_lowlevel_ops operations = [] {
    fuse_lowlevel_ops all{};
    all.init = on_init;
    add_name_operations(all);
    add_file_operations(all);
    add_attribute_operations(all);
    count_requests(all);
    return all;
  }();
  return operations;
}

}  // namespace litetool
