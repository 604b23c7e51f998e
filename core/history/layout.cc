#include "core/history/layout.h"

#include "formats/base/crc64.h"
#include "formats/base/text.h"
#include "formats/ltx/header.h"

namespace litetool {
namespace {

// As we print them: there is one name for a file.
std::optional<std::uint64_t> parse_digits(std::string_view digits) {
  if (digits.find_first_of("ABCDEF") != digits.npos) return std::nullopt;
  const auto value = parse_hex16(digits);
  return value ? std::optional(*value) : std::nullopt;
}

}  // namespace

std::string escape_path(std::string_view path) {
  std::string escaped;
  for (const char c : path) {
    if (c == '%') {
      escaped += "%25";
    } else if (c == '/') {
      escaped += "%2F";
    } else {
      escaped += c;
    }
  }
  constexpr std::size_t kLongest = 200;
  constexpr std::size_t kKept = 180;
  if (escaped.size() <= kLongest) return escaped;
  return escaped.substr(0, kKept) + "%~" + hex16(crc64(0, as_bytes(path)));
}

std::optional<std::string> unescape_path(std::string_view name) {
  std::string path;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] != '%') {
      path += name[i];
      continue;
    }
    const std::string_view code = name.substr(i + 1, 2);
    if (code != "25" && code != "2F") return std::nullopt;
    path += code == "25" ? '%' : '/';
    i += 2;
  }
  return path;
}

std::string history_folder_of(std::string_view root, std::string_view database_path) {
  return std::string(root) + "/db/" + escape_path(database_path);
}

std::string segment_name(Txid last_of_first_image) {
  return last_of_first_image.text() + std::string(kSegmentSuffix);
}

std::string compacted_name(Txid first, Txid last, std::size_t images) {
  return first.text() + "-" + last.text() + "-" + hex16(images) + std::string(kSegmentSuffix);
}

std::optional<CompactedName> parse_compacted_name(std::string_view name) {
  constexpr std::size_t kDigits = 16;
  if (!name.ends_with(kSegmentSuffix)) return std::nullopt;
  name.remove_suffix(kSegmentSuffix.size());
  if (name.size() != 3 * kDigits + 2 || name[kDigits] != '-' || name[2 * kDigits + 1] != '-') {
    return std::nullopt;
  }
  const auto first = parse_digits(name.substr(0, kDigits));
  const auto last = parse_digits(name.substr(kDigits + 1, kDigits));
  const auto images = parse_digits(name.substr(2 * kDigits + 2));
  if (!first || !last || !images) return std::nullopt;
  return CompactedName{Txid{*first}, Txid{*last}, *images};
}

bool is_compacted_name(std::string_view name) {
  return parse_compacted_name(name).has_value();
}

Txid last_txid_of_name(std::string_view name) {
  if (const auto compacted = parse_compacted_name(name)) return compacted->last;
  if (name.ends_with(kSegmentSuffix)) {
    const auto txid = parse_digits(name.substr(0, name.size() - kSegmentSuffix.size()));
    return txid ? Txid{*txid} : Txid{};
  }
  const auto range = ltx::parse_file_name(name);
  return range ? range->max : Txid{};
}

bool is_segment_name(std::string_view name) {
  return name.ends_with(kSegmentSuffix) && !is_compacted_name(name) &&
         last_txid_of_name(name).value != 0;
}

Txid first_txid_of_name(std::string_view name) {
  const auto compacted = parse_compacted_name(name);
  return compacted ? compacted->first : last_txid_of_name(name);
}

}  // namespace litetool
