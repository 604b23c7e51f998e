#include "fuse/client_identity.h"

#include <linux/capability.h>
#include <sched.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

namespace litetool {
namespace {

// The umask belongs to all threads until one of them asks for its own.
void own_umask() {
  thread_local bool own = false;
  if (!own) own = ::unshare(CLONE_FS) == 0;
}

// The process's own, which never change.
bool is_root() {
  static const bool root = ::geteuid() == 0;
  return root;
}
gid_t own_group() {
  static const gid_t group = ::getegid();
  return group;
}

// A thread's capabilities while it is a client.
struct Capabilities {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {};
  bool known = false;
};

// Takes back two of the capabilities that the kernel drops when the file system user changes. What
// it leaves is the same each time.
void keep_rights() {
  constexpr std::uint32_t kKept = 1u << CAP_DAC_OVERRIDE | 1u << CAP_FSETID;
  thread_local Capabilities own;
  if (!own.known) {
    if (::syscall(SYS_capget, &own.header, own.sets) != 0) return;
    own.sets[0].effective |= kKept & own.sets[0].permitted;
    own.known = true;
  }
  (void)::syscall(SYS_capset, &own.header, own.sets);
}

}  // namespace

ClientIdentity::ClientIdentity(fuse_req_t request, Rights rights) {
  const fuse_ctx* client = ::fuse_req_ctx(request);
  own_umask();
  ::umask(client->umask);
  if (!is_root()) return;
  changed_group_ = client->gid != own_group();
  if (changed_group_) ::setfsgid(client->gid);
  changed_user_ = client->uid != 0;
  if (!changed_user_) return;
  ::setfsuid(client->uid);
  if (rights == Rights::kChecked) keep_rights();
}

ClientIdentity::~ClientIdentity() {
  if (changed_user_) ::setfsuid(0);
  if (changed_group_) ::setfsgid(own_group());
  ::umask(0);
}

}  // namespace litetool
