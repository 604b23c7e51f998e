// litetool config check and config show: what litetool.toml says, and what it amounts to.
#include "cmd/command.h"
#include "cmd/mount_plan.h"
#include "core/config/config_file.h"
#include "core/history/layout.h"
#include "core/os/paths.h"

namespace litetool {
namespace {

ArgSpec check_spec() {
  return ArgSpec()
      .about(
          "Prints one line for each mistake, FILE:LINE:COLUMN: and what is wrong, and for an\n"
          "unknown key the nearest that exists.")
      .positional("FILE", Arity::kOptional,
                  "configuration to check (default: .litetool/config.toml)")
      .exit_code(kExitUsage, "there are mistakes")
      .exit_code(kExitNotFound, "there is no such file")
      .example("litetool config check litetool.toml", "before it is used");
}

Result<int> check(const Args& args, Context& context) {
  const std::vector<std::string>& given = args.all("FILE");
  const std::string own = std::string(kHistoryFolder) + "/config.toml";
  LT_ASSIGN(const std::string file, absolute_path(given.empty() ? own : given.front()));
  Settings settings;
  LT_ASSIGN(const std::vector<std::string> mistakes, check_config(context.env, file, settings));
  if (context.out.json_mode()) {
    context.out.document(Json{{"file", file}, {"ok", mistakes.empty()}, {"mistakes", mistakes}});
  } else {
    for (const std::string& mistake : mistakes) context.out.line(mistake);
    if (mistakes.empty()) context.out.line(file + ": ok");
  }
  return mistakes.empty() ? kExitDone : kExitUsage;
}

ArgSpec show_spec() {
  ArgSpec spec;
  spec.about(
      "Prints the settings that 'litetool mount MOUNTPOINT' with the same options would use, in\n"
      "the form of litetool.toml, each with where it comes from.");
  add_setting_options(spec);
  return spec
      .positional("MOUNTPOINT", Arity::kOptional, "directory (default: the working directory)",
                  Complete::kDirectory)
      .exit_code(kExitUsage, "there are mistakes in the configuration")
      .example("litetool config show ./data", "what a mount of ./data would use")
      .example("litetool config show --json --config litetool.toml", "for a program");
}

// As it would be written in a file.
std::string written(const SettingSpec& spec, const std::string& text) {
  if (spec.kind == SettingKind::kSwitch) return text;
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

void show_as_file(const Settings& settings, Context& context) {
  std::string table;
  for (const SettingSpec& spec : setting_specs()) {
    const std::string name = spec.name;
    const std::size_t dot = name.find('.');
    if (name.substr(0, dot) != table) {
      context.out.text(table.empty() ? "" : "\n");
      table = name.substr(0, dot);
      context.out.line("[" + table + "]");
    }
    std::string line = name.substr(dot + 1) + " = " + written(spec, settings.text(spec.name));
    constexpr std::size_t kOriginColumn = 34;
    line.resize(std::max(line.size() + 2, kOriginColumn), ' ');
    context.out.line(line + "# " + settings.origin(spec.name));
  }
}

Json as_json(const MountPlan& plan) {
  Json settings = Json::object();
  for (const SettingSpec& spec : setting_specs()) {
    Json value = plan.settings.text(spec.name);
    if (spec.kind == SettingKind::kSwitch) value = plan.settings.is_on(spec.name);
    settings[spec.name] = Json{{"value", value}, {"from", plan.settings.origin(spec.name)}};
  }
  return Json{{"mount_point", plan.mount_point},
              {"config_file", plan.config_file.empty() ? Json() : Json(plan.config_file)},
              {"settings", std::move(settings)}};
}

Result<int> show(const Args& args, Context& context) {
  const std::vector<std::string>& given = args.all("MOUNTPOINT");
  LT_ASSIGN(const MountPlan plan, plan_mount(args, context, given.empty() ? "." : given.front()));
  if (context.out.json_mode()) {
    context.out.document(as_json(plan));
  } else {
    show_as_file(plan.settings, context);
  }
  return kExitDone;
}

}  // namespace

extern const Command kConfigCheckCommand;
const Command kConfigCheckCommand = {"config check", "find the mistakes in a configuration",
                                     check_spec, check};
extern const Command kConfigShowCommand;
const Command kConfigShowCommand = {"config show", "show the settings in force and their origins",
                                    show_spec, show};

}  // namespace litetool
