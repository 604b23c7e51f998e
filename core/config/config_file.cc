#include "core/config/config_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "core/config/toml.h"
#include "core/os/beneath.h"
#include "core/os/paths.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

constexpr std::uint64_t kMaxConfigSize = std::uint64_t{1} << 20;

// The setting whose name is nearest to what was written, as ", did you mean 'X'?".
std::string suggestion(const std::string& key) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(4, std::min<std::size_t>(key.size(), 24) / 3);
  for (const SettingSpec& spec : setting_specs()) {
    // A key without its table is as near as one with a letter missing.
    const std::string_view name = spec.name;
    const std::string_view last = name.substr(name.find('.') + 1);
    const std::size_t distance = std::min(edit_distance(key, name), edit_distance(key, last) + 1);
    if (distance < best_distance) {
      best_distance = distance;
      best = spec.name;
    }
  }
  return best.empty() ? " (see litetool.toml(5))" : ", did you mean '" + best + "'?";
}

bool is_table_name(const std::string& key) {
  return std::ranges::any_of(setting_specs(), [&](const SettingSpec& spec) {
    return std::string_view(spec.name).starts_with(key + ".");
  });
}

class Reader {
 public:
  Reader(const std::string& name, const std::string& folder, Settings& settings)
      : name_(name), folder_(folder), settings_(settings) {}

  void take(const TomlEntry& entry) {
    const SettingSpec* spec = find_setting(entry.key);
    if (spec != nullptr) {
      take_value(*spec, entry);
    } else if (!is_table_name(entry.key)) {
      mistake(entry, "unknown key '" + printable(entry.key) + "'" + suggestion(entry.key));
    } else if (entry.type != TomlType::kTable) {
      mistake(entry, "'" + entry.key + "' is a table: write [" + entry.key + "] above its keys");
    }
  }

  std::vector<ConfigMistake> mistakes() && { return std::move(mistakes_); }

 private:
  static bool fits(SettingKind kind, TomlType type) {
    switch (kind) {
      case SettingKind::kSwitch:
        return type == TomlType::kBoolean;
      case SettingKind::kSize:
        return type == TomlType::kString || type == TomlType::kInteger;
      case SettingKind::kPath:
      case SettingKind::kChoice:
      case SettingKind::kDuration:
        return type == TomlType::kString;
    }
    return false;
  }

  void take_value(const SettingSpec& spec, const TomlEntry& entry) {
    if (!fits(spec.kind, entry.type)) {
      mistake(entry, entry.key + " takes " + setting_kind_text(spec.kind));
      return;
    }
    std::string text = entry.text;
    const bool relative = spec.kind == SettingKind::kPath && !text.empty() && text[0] != '/';
    if (relative) text = (folder_ == "/" ? "" : folder_) + "/" + text;
    const Status set = settings_.set(spec, text, name_ + ":" + std::to_string(entry.line));
    if (!set) mistake(entry, entry.key + ": " + set.error().message);
  }

  void mistake(const TomlEntry& entry, std::string says) {
    mistakes_.push_back({entry.line, entry.column, std::move(says)});
  }

  const std::string& name_;
  const std::string& folder_;
  Settings& settings_;
  std::vector<ConfigMistake> mistakes_;
};

std::string told(const std::string& path, const ConfigMistake& mistake) {
  return path + ":" + std::to_string(mistake.line) + ":" + std::to_string(mistake.column) + ": " +
         mistake.says;
}

Result<std::vector<std::string>> mistakes_in(const File& file, const std::string& path,
                                             Settings& settings) {
  if (file.size() > kMaxConfigSize) {
    return Error(Errc::kUsage, path + ": too large for a configuration (at most 1 MiB)");
  }
  Buffer text(static_cast<std::size_t>(file.size()));
  LT_ASSIGN(const std::size_t n, file.read_at(text, 0));
  const std::string_view view(reinterpret_cast<const char*>(text.data()), n);
  std::vector<std::string> found;
  for (const ConfigMistake& mistake : parse_config(view, path, directory_of(path), settings)) {
    found.push_back(told(path, mistake));
  }
  return found;
}

Status first_of(const std::vector<std::string>& mistakes, const std::string& path) {
  if (mistakes.empty()) return {};
  const std::size_t more = mistakes.size() - 1;
  return Error(Errc::kUsage, mistakes.front() + (more == 0 ? ""
                                                           : " (and " + std::to_string(more) +
                                                                 " more: run 'litetool config "
                                                                 "check " +
                                                                 path + "')"));
}

}  // namespace

std::vector<ConfigMistake> parse_config(std::string_view text, const std::string& name,
                                        const std::string& folder, Settings& settings) {
  const TomlDocument document = parse_toml(text);
  if (document.mistake) return {*document.mistake};
  Reader reader(name, folder, settings);
  std::string unknown_table;
  for (const TomlEntry& entry : document.entries) {
    // One mistake for a table that nobody knows, not one for each of its keys.
    if (!unknown_table.empty() && entry.key.starts_with(unknown_table + ".")) continue;
    if (entry.type == TomlType::kTable && !is_table_name(entry.key)) unknown_table = entry.key;
    reader.take(entry);
  }
  return std::move(reader).mistakes();
}

Result<std::vector<std::string>> check_config(Env& env, const std::string& path,
                                              Settings& settings) {
  LT_ASSIGN(const std::unique_ptr<File> file, env.open(kCwd, path, OpenMode::kRead));
  return mistakes_in(*file, path, settings);
}

Status read_config(Env& env, const std::string& path, Settings& settings) {
  LT_ASSIGN(const std::vector<std::string> mistakes, check_config(env, path, settings));
  return first_of(mistakes, path);
}

Status read_config_of_history(Env& env, const std::string& path, Settings& settings) {
  const UniqueFd folder = open_beneath(kCwd, directory_of(path), O_PATH | O_DIRECTORY);
  if (!folder.valid()) return Error::from_errno(errno, "open " + path);
  auto file = env.open(folder.get(), last_part(path), OpenMode::kRead);
  if (!file) return std::move(file).error().with(directory_of(path));
  LT_ASSIGN(const struct stat st, (*file)->stat());
  if (st.st_uid != 0 && st.st_uid != ::geteuid()) {
    return Error(Errc::kDenied, path + " belongs to user " + std::to_string(st.st_uid) +
                                    ", who could have a mount write to any file (use 'chown' once "
                                    "it is as you want it, or name it with --config)");
  }
  LT_ASSIGN(const std::vector<std::string> mistakes, mistakes_in(**file, path, settings));
  return first_of(mistakes, path);
}

}  // namespace litetool
