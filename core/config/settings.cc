#include "core/config/settings.h"

#include <algorithm>

#include "formats/base/text.h"

namespace litetool {
namespace {

const std::vector<SettingSpec>& table() {
  using enum SettingKind;
  static const std::vector<SettingSpec> kTable = {
      {"mount.source", kPath, "", "--source", "DIR",
       "serve this directory (default: the mount point itself)"},
      {"mount.history", kPath, "", "--history", "DIR",
       "keep the history in this directory (default: .litetool in the one that is served)"},
      {"mount.tier",
       kChoice,
       "auto",
       "--tier",
       "TIER",
       "how files are served",
       {"auto", "passthrough", "cached"}},
      {"mount.transport",
       kChoice,
       "auto",
       "--transport",
       "WAY",
       "how requests come from the kernel",
       {"auto", "io_uring", "device"}},
      {"mount.allow_other", kSwitch, "false", "--allow-other", "",
       "let other users in; a mount that root makes always does"},
      {"mount.non_empty", kSwitch, "false", "--non-empty", "",
       "mount a source over a directory that has files of its own"},
      {"retention.transactions_for", kDuration, "24h", "", "",
       "keep every transaction for this long"},
      {"retention.minutes_for", kDuration, "7d", "", "",
       "keep the last transaction of each minute for this long"},
      {"retention.hours_for", kDuration, "30d", "", "",
       "keep the last transaction of each hour for this long"},
      {"retention.size_cap", kSize, "0", "", "",
       "drop the oldest points of a database whose history is larger; 0: no cap"},
      {"log.level",
       kChoice,
       "info",
       "--log-level",
       "LEVEL",
       "the least important messages to write",
       {"error", "warning", "info", "debug"}},
      {"log.format",
       kChoice,
       "text",
       "--log-format",
       "FORMAT",
       "form of the messages",
       {"text", "json"}},
      {"log.file", kPath, "", "--log-file", "FILE",
       "write messages to this file (default: standard error)"},
  };
  return kTable;
}

Status check(const SettingSpec& spec, const std::string& text) {
  switch (spec.kind) {
    case SettingKind::kPath:
      break;
    case SettingKind::kChoice:
      if (std::ranges::find(spec.choices, text) == spec.choices.end()) {
        return Error(Errc::kUsage,
                     "'" + printable(text) + "' is not one of " + join(spec.choices, ", "));
      }
      break;
    case SettingKind::kSwitch:
      LT_CHECK(text == "true" || text == "false");
      break;
    case SettingKind::kDuration:
      if (auto parsed = parse_duration_ms(text); !parsed) return std::move(parsed).error();
      break;
    case SettingKind::kSize:
      if (auto parsed = parse_size(text); !parsed) return std::move(parsed).error();
      break;
  }
  return {};
}

}  // namespace

std::string setting_kind_text(SettingKind kind) {
  switch (kind) {
    case SettingKind::kPath:
      return "a path in quotes";
    case SettingKind::kChoice:
      return "a word in quotes";
    case SettingKind::kSwitch:
      return "true or false";
    case SettingKind::kDuration:
      return "a duration in quotes (\"90s\", \"10m\", \"24h\", \"7d\")";
    case SettingKind::kSize:
      return "a size in quotes (\"512MiB\") or a number of bytes";
  }
  return "";
}

std::span<const SettingSpec> setting_specs() {
  return table();
}

const SettingSpec* find_setting(std::string_view name) {
  const auto it = std::ranges::find_if(table(), [&](const auto& s) { return name == s.name; });
  return it == table().end() ? nullptr : &*it;
}

Settings::Settings() {
  for (const SettingSpec& spec : table()) values_[spec.name] = {spec.fallback, "default"};
}

Status Settings::set(const SettingSpec& spec, const std::string& text, const std::string& origin) {
  LT_TRY(check(spec, text));
  values_[spec.name] = {text, origin};
  return {};
}

const Settings::Value& Settings::value_of(std::string_view name) const {
  const auto it = values_.find(name);
  LT_CHECK(it != values_.end());
  return it->second;
}

const std::string& Settings::text(std::string_view name) const {
  return value_of(name).text;
}

bool Settings::is_on(std::string_view name) const {
  return value_of(name).text == "true";
}

std::int64_t Settings::duration_ms(std::string_view name) const {
  const auto parsed = parse_duration_ms(value_of(name).text);
  LT_CHECK(parsed.ok());
  return *parsed;
}

std::uint64_t Settings::size_bytes(std::string_view name) const {
  const auto parsed = parse_size(value_of(name).text);
  LT_CHECK(parsed.ok());
  return *parsed;
}

const std::string& Settings::origin(std::string_view name) const {
  return value_of(name).origin;
}

}  // namespace litetool
