#include "fuse/client_identity.h"

#include <linux/capability.h>
#include <sched.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace litetool {
namespace {

// The process's own, which never change.
bool is_root() {
  static const bool root = ::geteuid() == 0;
  return root;
}

// Of the calling thread: glibc would change those of all.
bool set_groups(const std::vector<gid_t>& groups) {
  return ::syscall(SYS_setgroups, groups.size(), groups.data()) == 0;
}

// The umask belongs to all threads until one of them asks for its own. The groups of who started
// the mount are no client's.
void become_own_thread() {
  thread_local bool done = false;
  if (done) return;
  done = ::unshare(CLONE_FS) == 0;
  if (is_root()) done = set_groups({}) && done;
}

// None when they cannot be found out: a client of another pid namespace.
std::vector<gid_t> groups_of(fuse_req_t request) {
  std::vector<gid_t> groups(32);
  while (true) {
    const int n = ::fuse_req_getgroups(request, static_cast<int>(groups.size()), groups.data());
    if (n < 0) return {};
    const bool all = static_cast<std::size_t>(n) <= groups.size();
    groups.resize(static_cast<std::size_t>(n));
    if (all) return groups;
  }
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
  become_own_thread();
  ::umask(client->umask);
  if (!is_root()) return;
  changed_group_ = client->gid != own_group();
  if (changed_group_) ::setfsgid(client->gid);
  changed_user_ = client->uid != 0;
  if (!changed_user_) return;
  if (rights == Rights::kAsk) changed_groups_ = set_groups(groups_of(request));
  ::setfsuid(client->uid);
  if (rights == Rights::kChecked) keep_rights();
}

ClientIdentity::~ClientIdentity() {
  if (changed_user_) ::setfsuid(0);
  if (changed_groups_) (void)set_groups({});
  if (changed_group_) ::setfsgid(own_group());
  ::umask(0);
}

bool client_in_group(fuse_req_t request, gid_t group) {
  const fuse_ctx* client = ::fuse_req_ctx(request);
  if (client->uid == 0 || client->gid == group) return true;
  const std::vector<gid_t> groups = groups_of(request);
  return std::ranges::find(groups, group) != groups.end();
}

}  // namespace litetool
