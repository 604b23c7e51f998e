// What a mount is to be, from the command line and litetool.toml.
#pragma once

#include <string>

#include "cmd/command.h"
#include "core/config/settings.h"

namespace litetool {

struct MountPlan {
  std::string mount_point;  // absolute
  std::string source;       // absolute; the mount point itself when it is mounted in place
  std::string history;      // absolute; its folder need not exist yet
  std::string config_file;  // that was read; empty: none
  Settings settings;

  // It lies in the directory whose it is.
  bool has_own_history() const;
  bool in_place() const { return source == mount_point; }
};

// Adds the options that stand for settings, and --config.
ArgSpec& add_setting_options(ArgSpec& spec);
// Reads the configuration (--config, or config.toml in the history folder), then the options, which
// have precedence. `mount_point` must exist.
Result<MountPlan> plan_mount(const Args& args, Context& context, const std::string& mount_point);

}  // namespace litetool
