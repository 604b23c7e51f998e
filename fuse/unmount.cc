#include "fuse/unmount.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>

#include "core/os/child.h"
#include "core/os/holders.h"
#include "core/os/mount_table.h"

namespace litetool {
namespace {

Error busy(const MountEntry& mount) {
  const std::string& mount_point = mount.mount_point;
  const std::string holders = holders_text(holders_below(mount_point, mount.id), mount_point);
  return Error(Errc::kFailed,
               mount_point + " is in use" + (holders.empty() ? "" : " by " + holders));
}

// fusermount3 has the rights that an ordinary user lacks, and says itself what is wrong.
Status ask_fusermount(const MountEntry& mount, bool lazy) {
  if (mount.user_id && *mount.user_id != ::getuid()) {
    return Error(Errc::kDenied, mount.mount_point + " was mounted by user " +
                                    std::to_string(*mount.user_id) +
                                    ": only that user and root can unmount it");
  }
  LT_ASSIGN(Child helper,
            Child::prepare({"fusermount3", lazy ? "-uzq" : "-uq", "--", mount.mount_point}));
  LT_TRY(helper.begin());
  if (helper.wait() == 0) return {};
  if (!mount_at(mount.mount_point)) return {};
  return busy(mount);
}

}  // namespace

Status unmount(const std::string& mount_point, bool lazy) {
  const auto entry = mount_at(mount_point);
  if (!entry || entry->type != "fuse.litetool") {
    return Error(Errc::kNotFound, mount_point + " is not a mount of litetool");
  }
  if (::geteuid() != 0) return ask_fusermount(*entry, lazy);
  if (::umount2(mount_point.c_str(), UMOUNT_NOFOLLOW | (lazy ? MNT_DETACH : 0)) == 0) return {};
  if (errno == EBUSY) return busy(*entry);
  return Error::from_errno(errno, "unmount " + mount_point);
}

}  // namespace litetool
