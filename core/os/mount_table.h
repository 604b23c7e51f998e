// The mounts that this process sees.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace litetool {

struct MountEntry {
  std::uint64_t id = 0;                       // as statx() gives it for files in it
  std::string mount_point;                    // absolute
  std::string type;                           // "ext4", "fuse.litetool"
  std::optional<std::uint32_t> user_id = {};  // who mounted it; of a FUSE mount
};

// What is mounted at exactly this absolute path, the topmost where there are several.
std::optional<MountEntry> mount_at(const std::string& path);
// The mount that a path below belongs to by its name: of type `type`, at the path or above it.
std::optional<MountEntry> mount_above(const std::string& path, const std::string& type);

}  // namespace litetool
