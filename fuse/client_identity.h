// Acts as a client while something is made for it, so that the file system beneath gives it owner,
// group, mode, default ACL and quota as it would have given them to the client itself.
//
// The kernel has asked for the client's permission already (default_permissions); so the right to
// write to the directory comes along, unless it is to be asked for again, which takes the client's
// groups, too. Of the calling thread only, which has no groups of its own; without CAP_SETUID the
// mount serves its own user and only the umask is taken over.
#pragma once

#ifndef FUSE_USE_VERSION
#define FUSE_USE_VERSION FUSE_MAKE_VERSION(3, 12)
#endif
#include <fuse_lowlevel.h>

namespace litetool {

class ClientIdentity {
 public:
  enum class Rights { kChecked, kAsk };

  explicit ClientIdentity(fuse_req_t request, Rights rights = Rights::kChecked);
  ~ClientIdentity();
  ClientIdentity(const ClientIdentity&) = delete;
  ClientIdentity& operator=(const ClientIdentity&) = delete;

 private:
  bool changed_user_ = false;
  bool changed_group_ = false;
  bool changed_groups_ = false;
};

// Whether the client may act as a member of a group; root always may.
bool client_in_group(fuse_req_t request, gid_t group);

}  // namespace litetool
