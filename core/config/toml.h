// A TOML text as a flat list of keys with their places. The one place that knows the TOML library.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace litetool {

struct ConfigMistake {
  unsigned line = 0;    // from 1
  unsigned column = 0;  // from 1
  std::string says;     // "unknown key 'mount.teir', did you mean 'mount.tier'?"
};

enum class TomlType : std::uint8_t { kTable, kString, kInteger, kBoolean, kOther };

struct TomlEntry {
  std::string key;  // "mount" or "mount.tier"; tables inside tables are not looked into
  TomlType type;
  std::string text;  // of a string, an integer or a boolean
  unsigned line;     // of the key, from 1
  unsigned column;
};

struct TomlDocument {
  std::vector<TomlEntry> entries;        // in the order of the text
  std::optional<ConfigMistake> mistake;  // then there are no entries
};

// Any bytes may come in.
TomlDocument parse_toml(std::string_view text);

}  // namespace litetool
