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

namespace litetool {
namespace {

// Where a letter outside ASCII stands outside of strings and comments, where TOML has none. The
// library's own answer to those is undefined behaviour, so it must not see them.
class LetterFinder {
 public:
  explicit LetterFinder(std::string_view text) : text_(text) {}

  std::optional<ConfigMistake> find() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#') {
        skip_to_line_end();
      } else if (c == '"' || c == '\'') {
        skip_string(c);
      } else if ((static_cast<unsigned char>(c) & 0x80) != 0 && !is_byte_order_mark()) {
        return mistake();
      } else {
        ++at_;
      }
    }
    return std::nullopt;
  }

 private:
  static constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

  bool is_byte_order_mark() const {
    return at_ < kByteOrderMark.size() && text_.starts_with(kByteOrderMark);
  }

  void skip_to_line_end() { at_ = std::min(text_.find('\n', at_), text_.size()); }

  // A string on one line ends with the line at the latest: the library stops there.
  void skip_string(char quote) {
    const std::string three(3, quote);
    const bool many_lines = text_.substr(at_).starts_with(three);
    at_ += many_lines ? 3 : 1;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (many_lines && text_.substr(at_).starts_with(three)) {
        at_ += 3;
        return;
      }
      if (!many_lines && (c == quote || c == '\n')) {
        ++at_;
        return;
      }
      at_ += c == '\\' && quote == '"' ? 2 : 1;
    }
  }

  ConfigMistake mistake() const {
    const std::string_view before = text_.substr(0, at_);
    const std::size_t line_start = before.rfind('\n') + 1;  // 0 on the first line
    return {static_cast<unsigned>(std::ranges::count(before, '\n') + 1),
            static_cast<unsigned>(at_ - line_start + 1),
            "letters outside ASCII belong in quotes or comments"};
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

TomlEntry entry_of(const std::string& name, const toml::key& key, const toml::node& value) {
  TomlEntry entry{name, TomlType::kOther, "", key.source().begin.line, key.source().begin.column};
  if (value.is_table()) {
    entry.type = TomlType::kTable;
  } else if (const auto* text = value.as_string()) {
    entry.type = TomlType::kString;
    entry.text = text->get();
  } else if (const auto* number = value.as_integer()) {
    entry.type = TomlType::kInteger;
    entry.text = std::to_string(number->get());
  } else if (const auto* truth = value.as_boolean()) {
    entry.type = TomlType::kBoolean;
    entry.text = truth->get() ? "true" : "false";
  }
  return entry;
}

}  // namespace

TomlDocument parse_toml(std::string_view text) {
  TomlDocument document;
  document.mistake = LetterFinder(text).find();
  if (document.mistake) return document;
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    const toml::source_position& at = parsed.error().source().begin;
    document.mistake = {at.line, at.column, std::string(parsed.error().description())};
    return document;
  }
  for (const auto& [key, value] : parsed.table()) {
    const std::string name(key.str());
    document.entries.push_back(entry_of(name, key, value));
    const toml::table* inner = value.as_table();
    if (inner == nullptr) continue;
    for (const auto& [inner_key, inner_value] : *inner) {
      document.entries.push_back(
          entry_of(name + "." + std::string(inner_key.str()), inner_key, inner_value));
    }
  }
  std::ranges::stable_sort(document.entries, {}, [](const TomlEntry& entry) {
    return std::tuple(entry.line, entry.column);
  });
  return document;
}

}  // namespace litetool
