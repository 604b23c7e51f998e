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

// Takes back two of the capabilities that the kernel drops when the file system user changes.
void keep_rights() {
  constexpr std::uint32_t kKept = 1u << CAP_DAC_OVERRIDE | 1u << CAP_FSETID;
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {};
  if (::syscall(SYS_capget, &header, sets) != 0) return;
  sets[0].effective |= kKept & sets[0].permitted;
  (void)::syscall(SYS_capset, &header, sets);
}

}  // namespace

ClientIdentity::ClientIdentity(fuse_req_t request, Rights rights) {
  const fuse_ctx* client = ::fuse_req_ctx(request);
  own_umask();
  ::umask(client->umask);
  if (::geteuid() != 0) return;
  changed_group_ = client->gid != ::getegid();
  if (changed_group_) ::setfsgid(client->gid);
  changed_user_ = client->uid != 0;
  if (!changed_user_) return;
  ::setfsuid(client->uid);
  if (rights == Rights::kChecked) keep_rights();
}

ClientIdentity::~ClientIdentity() {
  if (changed_user_) ::setfsuid(0);
  if (changed_group_) ::setfsgid(::getegid());
  ::umask(0);
}

}  // namespace litetool
