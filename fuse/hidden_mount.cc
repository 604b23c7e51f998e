#include "fuse/hidden_mount.h"

#include <fcntl.h>
#include <sys/mount.h>

#include <cerrno>
#include <utility>

#include "fuse/ask_apart.h"

namespace litetool {
namespace {

// How the served directory is called in the top one, which is what `findmnt` shows.
constexpr const char* kServedName = "served";

// Whether a part of a mount that has no place can be given one.
bool can_show_hidden() {
  const UniqueFd hidden(::open_tree(AT_FDCWD, "/", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
  if (!hidden.valid()) return false;
  const UniqueFd part(
      ::open_tree(hidden.get(), "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH));
  return part.valid();
}

bool configure(int context, int device) {
  const std::string fd = std::to_string(device);
  const std::pair<const char*, const char*> strings[] = {
      {"source", "litetool"}, {"subtype", "litetool"}, {"fd", fd.c_str()},
      {"rootmode", "40000"},  {"user_id", "0"},        {"group_id", "0"}};
  for (const auto& [name, value] : strings) {
    if (::fsconfig(context, FSCONFIG_SET_STRING, name, value, 0) != 0) return false;
  }
  for (const char* flag : {"allow_other", "default_permissions"}) {
    if (::fsconfig(context, FSCONFIG_SET_FLAG, flag, nullptr, 0) != 0) return false;
  }
  return ::fsconfig(context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) == 0;
}

unsigned attributes_of(unsigned long mount_flags) {
  unsigned attributes = 0;
  if ((mount_flags & MS_NOSUID) != 0) attributes |= MOUNT_ATTR_NOSUID;
  if ((mount_flags & MS_NODEV) != 0) attributes |= MOUNT_ATTR_NODEV;
  if ((mount_flags & MS_NOEXEC) != 0) attributes |= MOUNT_ATTR_NOEXEC;
  if ((mount_flags & MS_NOATIME) != 0) attributes |= MOUNT_ATTR_NOATIME;
  return attributes;
}

// 0 or an errno.
int show_served(int top, const char* mount_point) {
  const int served = ::open_tree(top, kServedName, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  if (served < 0) return errno;
  constexpr unsigned kFlags =
      MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_SYMLINKS | MOVE_MOUNT_T_AUTOMOUNTS;
  return ::move_mount(served, "", AT_FDCWD, mount_point, kFlags) == 0 ? 0 : errno;
}

}  // namespace

Result<HiddenMount> HiddenMount::make(int device, unsigned long mount_flags) {
  const Error impossible(Errc::kUnsupported, "no part of a hidden mount can be shown here");
  if (!can_show_hidden()) return impossible;
  const UniqueFd context(::fsopen("fuse", FSOPEN_CLOEXEC));
  if (!context.valid() || !configure(context.get(), device)) return impossible;
  UniqueFd top(::fsmount(context.get(), FSMOUNT_CLOEXEC, attributes_of(mount_flags)));
  if (!top.valid()) return Error::from_errno(errno, "mount");
  return HiddenMount(std::move(top));
}

Status HiddenMount::show(const std::string& mount_point) {
  const char* target = mount_point.c_str();
  const int err = ask_apart(top_.get(), [target](int top) { return show_served(top, target); });
  top_.reset();  // the served directory holds the mount from here on
  return err == 0 ? Status() : Error::from_errno(err, "mount on " + mount_point);
}

}  // namespace litetool
