#include "core/config/toml.h"

// The library asserts what hostile text can make false ("[=" does), and where it is built without
// assertions it lets the compiler assume it. Its code copes with these cases; so neither may be.
#undef NDEBUG
#define TOML_ASSERT(condition) static_assert(true)
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include <algorithm>
#include <tuple>

#include "formats/base/text.h"

namespace litetool {
namespace {

// The library meets letters outside ASCII with undefined behaviour wherever it looks for blanks
// (3.3: `1"\u00eb"`), so it sees none: each of their bytes is written as a mark and two digits,
// which every string and comment may hold, and which are a mistake everywhere else.
constexpr char kMark = '`';
constexpr std::string_view kMarkEscapes[] = {"\\u0060", "\\U00000060"};
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

bool is_ascii(char c) {
  return (static_cast<unsigned char>(c) & 0x80) == 0;
}

std::string in_ascii(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_ascii(c) && c != kMark) {
      out += c;
    } else {
      out += format("%c%02x", kMark, static_cast<unsigned char>(c));
    }
  }
  return out;
}

int value_of(char digit) {
  return digit <= '9' ? digit - '0' : digit - 'a' + 10;
}

// The opposite of in_ascii().
std::string from_ascii(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == kMark && at + 2 < text.size()) {
      out += static_cast<char>(value_of(text[at + 1]) * 16 + value_of(text[at + 2]));
      at += 2;
    } else {
      out += text[at];
    }
  }
  return out;
}

ConfigMistake mistake_at(std::string_view text, std::size_t at, std::string says) {
  const std::string_view before = text.substr(0, at);
  const std::string_view line = before.substr(before.rfind('\n') + 1);  // 0 on the first line
  std::size_t column = 1;
  for (std::size_t i = 0; i < line.size();
       i += std::max<std::size_t>(1, utf8_size(line.substr(i)))) {
    ++column;
  }
  return {static_cast<unsigned>(std::ranges::count(before, '\n') + 1),
          static_cast<unsigned>(column), std::move(says)};
}

// What cannot be said in ASCII and taken back.
std::optional<ConfigMistake> find_unsayable(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = is_ascii(text[at]) ? 1 : utf8_size(text.substr(at));
    if (size == 0) return mistake_at(text, at, "not UTF-8");
    at += size;
  }
  for (const std::string_view escape : kMarkEscapes) {
    const std::size_t at = text.find(escape);
    if (at != text.npos) return mistake_at(text, at, "write this letter as itself (`)");
  }
  return std::nullopt;
}

// Places of the text in ASCII as places of the text that was given.
class Places {
 public:
  explicit Places(std::string_view text) : text_(text) {
    line_starts_.push_back(0);
    for (std::size_t at = text.find('\n'); at != text.npos; at = text.find('\n', at + 1)) {
      line_starts_.push_back(at + 1);
    }
  }

  // Offset in the text, at most its size.
  std::size_t offset_of(const toml::source_position& place) const {
    if (place.line < 1 || place.line > line_starts_.size()) return text_.size();
    std::size_t at = line_starts_[place.line - 1];
    for (std::size_t column = 1; column < place.column && at < text_.size(); ++at) {
      column += is_ascii(text_[at]) && text_[at] != kMark ? 1 : 3;
      if (column > place.column) break;
    }
    return at;
  }

 private:
  std::string_view text_;
  std::vector<std::size_t> line_starts_;
};

class Flattener {
 public:
  Flattener(std::string_view text, const toml::table& table) : text_(text), places_(text) {
    for (const auto& [key, value] : table) {
      const std::string name = from_ascii(key.str());
      add(name, key, value);
      const toml::table* inner = value.as_table();
      if (inner == nullptr) continue;
      for (const auto& [inner_key, inner_value] : *inner) {
        add(name + "." + from_ascii(inner_key.str()), inner_key, inner_value);
      }
    }
    std::ranges::stable_sort(
        entries_, {}, [](const TomlEntry& entry) { return std::tuple(entry.line, entry.column); });
  }

  std::vector<TomlEntry> entries() && { return std::move(entries_); }

 private:
  void add(const std::string& name, const toml::key& key, const toml::node& value) {
    const ConfigMistake place =
        mistake_at(text_, places_.offset_of(key.source().begin), std::string());
    TomlEntry& entry =
        entries_.emplace_back(TomlEntry{name, TomlType::kOther, "", place.line, place.column});
    if (value.is_table()) {
      entry.type = TomlType::kTable;
    } else if (const auto* text = value.as_string()) {
      entry.type = TomlType::kString;
      entry.text = from_ascii(text->get());
    } else if (const auto* number = value.as_integer()) {
      entry.type = TomlType::kInteger;
      entry.text = std::to_string(number->get());
    } else if (const auto* truth = value.as_boolean()) {
      entry.type = TomlType::kBoolean;
      entry.text = truth->get() ? "true" : "false";
    }
  }

  std::string_view text_;
  Places places_;
  std::vector<TomlEntry> entries_;
};

// What the library holds against a text, at its place; a letter that it only saw as marks is named.
ConfigMistake mistake_of(std::string_view text, const toml::parse_error& error) {
  const std::size_t at = Places(text).offset_of(error.source().begin);
  if (at < text.size() && (!is_ascii(text[at]) || text[at] == kMark)) {
    return mistake_at(text, at, "letters outside ASCII belong in quotes or comments");
  }
  return mistake_at(text, at, from_ascii(error.description()));
}

}  // namespace

TomlDocument parse_toml(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  TomlDocument document;
  document.mistake = find_unsayable(text);
  if (document.mistake) return document;
  const toml::parse_result parsed = toml::parse(in_ascii(text));
  if (!parsed) {
    document.mistake = mistake_of(text, parsed.error());
    return document;
  }
  document.entries = Flattener(text, parsed.table()).entries();
  return document;
}

}  // namespace litetool
