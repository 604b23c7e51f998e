// Every setting of a mount: its name in litetool.toml, its default, what is allowed, and where the
// value in force comes from.
//
// The table is the one source of truth: the loader, `config show`, the option of the command line
// and the test that holds the man page against it are all made from it.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/base/result.h"

namespace litetool {

enum class SettingKind : std::uint8_t {
  kPath,      // of a file or directory; in a file relative to the folder of that file
  kChoice,    // one of a few words
  kSwitch,    // true or false
  kDuration,  // "90s", "10m", "24h", "7d"
  kSize,      // "512MiB", "2GB", or a number of bytes
};
// "a path", "true or false", ...: what a value of the kind looks like.
std::string setting_kind_text(SettingKind kind);

struct SettingSpec {
  const char* name;  // "retention.minutes_for"
  SettingKind kind;
  const char* fallback;    // as written in a file, without quotes
  const char* flag;        // of `litetool mount`, that has precedence: "--tier"; empty: none
  const char* value_name;  // what --help calls the value: "DIR"; empty for a switch
  const char* help;        // one line, no period
  std::vector<std::string> choices = {};
};
// In the order in which they are shown.
std::span<const SettingSpec> setting_specs();
// Null when there is none of that name.
const SettingSpec* find_setting(std::string_view name);

class Settings {
 public:
  // Everything at its default.
  Settings();

  // Checks `text` against the kind; kUsage that says what is allowed. `origin` is kept for people:
  // "litetool.toml:3", "--tier".
  Status set(const SettingSpec& spec, const std::string& text, const std::string& origin);

  // Asking for a name that is not in the table, or as another kind, is a bug and aborts.
  const std::string& text(std::string_view name) const;
  bool is_on(std::string_view name) const;
  std::int64_t duration_ms(std::string_view name) const;
  std::uint64_t size_bytes(std::string_view name) const;
  const std::string& origin(std::string_view name) const;  // "default" when nobody set it

 private:
  struct Value {
    std::string text;
    std::string origin;
  };
  const Value& value_of(std::string_view name) const;

  std::map<std::string, Value, std::less<>> values_;
};

}  // namespace litetool
