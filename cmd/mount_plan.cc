#include "cmd/mount_plan.h"

#include "core/config/config_file.h"
#include "core/history/layout.h"
#include "core/os/paths.h"

namespace litetool {
namespace {

// A directory that may have to be made.
Result<std::string> directory_named(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  auto there = absolute_directory(path);
  if (there || there.error().code != Errc::kNotFound) return there;
  return absolute_path(path);
}

// The history in a directory itself.
std::string history_in(const std::string& directory) {
  return (directory == "/" ? "" : directory) + "/" + std::string(kHistoryFolder);
}

// Relative paths of options are meant from the working directory.
Result<std::string> value_given(const SettingSpec& spec, const Args& args) {
  const std::string text = spec.kind == SettingKind::kSwitch ? "true" : args.get(spec.flag);
  if (spec.kind != SettingKind::kPath || text.empty()) return text;
  return spec.value_name == std::string_view("DIR") ? directory_named(text) : absolute_path(text);
}

Status take_options(const Args& args, Settings& settings) {
  for (const SettingSpec& spec : setting_specs()) {
    if (*spec.flag == '\0' || !args.has(spec.flag)) continue;
    LT_ASSIGN(const std::string text, value_given(spec, args));
    Status set = settings.set(spec, text, spec.flag);
    if (!set) return std::move(set).error().with(spec.flag);
  }
  return {};
}

// The file in the history folder is found by way of the directory, so it cannot name another one.
Status refuse_places(const Settings& settings, const std::string& file) {
  for (const char* const name : {"mount.source", "mount.history"}) {
    if (settings.text(name).empty()) continue;
    return Error(Errc::kUsage, file + ": " + name +
                                   " has no meaning in the history of a directory (use a file of "
                                   "its own with --config)");
  }
  return {};
}

}  // namespace

bool MountPlan::has_own_history() const {
  return history == history_in(source);
}

ArgSpec& add_setting_options(ArgSpec& spec) {
  spec.value("--config", 0, "FILE",
             "read settings from this file (default: config.toml in the history folder)",
             Complete::kFile);
  for (const SettingSpec& s : setting_specs()) {
    if (*s.flag == '\0') continue;
    if (s.kind == SettingKind::kSwitch) {
      spec.toggle(s.flag, 0, s.help);
    } else if (s.kind == SettingKind::kChoice) {
      spec.choice(s.flag, 0, s.value_name, s.help, s.choices);
    } else {
      spec.value(s.flag, 0, s.value_name, s.help,
                 s.value_name == std::string_view("DIR") ? Complete::kDirectory : Complete::kFile);
    }
  }
  return spec;
}

Result<MountPlan> plan_mount(const Args& args, Context& context, const std::string& mount_point) {
  MountPlan plan;
  LT_ASSIGN(plan.mount_point, absolute_directory(mount_point));
  Settings from_options;
  LT_TRY(take_options(args, from_options));
  if (args.has("--config")) {
    LT_ASSIGN(plan.config_file, absolute_path(args.get("--config")));
    LT_TRY(read_config(context.env, plan.config_file, plan.settings));
  } else {
    const std::string& source = from_options.text("mount.source");
    const std::string& history = from_options.text("mount.history");
    const std::string own =
        (history.empty() ? history_in(source.empty() ? plan.mount_point : source) : history) +
        "/config.toml";
    const Status read = read_config_of_history(context.env, own, plan.settings);
    if (!read && read.error().code != Errc::kNotFound) return read.error();
    if (read) {
      plan.config_file = own;
      LT_TRY(refuse_places(plan.settings, own));
    }
  }
  LT_TRY(take_options(args, plan.settings));
  plan.source = plan.settings.text("mount.source");
  if (plan.source.empty()) {
    plan.source = plan.mount_point;
  } else {
    LT_ASSIGN(plan.source, absolute_directory(plan.source));
  }
  plan.history = plan.settings.text("mount.history");
  if (plan.history.empty()) {
    plan.history = history_in(plan.source);
  } else {
    LT_ASSIGN(plan.history, directory_named(plan.history));
  }
  return plan;
}

}  // namespace litetool
