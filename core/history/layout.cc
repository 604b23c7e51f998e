#include "core/history/layout.h"

#include "formats/base/crc64.h"

namespace litetool {

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

std::string history_folder_of(std::string_view database_path) {
  return std::string(kHistoryFolder) + "/db/" + escape_path(database_path);
}

std::string segment_name(Txid last_of_first_image) {
  return last_of_first_image.text() + std::string(kSegmentSuffix);
}

}  // namespace litetool
