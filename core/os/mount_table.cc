#include "core/os/mount_table.h"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

#include "core/os/paths.h"

namespace litetool {
namespace {

// The kernel writes blanks and backslashes in paths as three octal digits.
std::string unescaped(const std::string& s) {
  std::string out;
  for (std::size_t i = 0; i < s.size(); ++i) {
    if (s[i] == '\\' && i + 3 < s.size()) {
      out += static_cast<char>((s[i + 1] - '0') * 64 + (s[i + 2] - '0') * 8 + (s[i + 3] - '0'));
      i += 3;
    } else {
      out += s[i];
    }
  }
  return out;
}

// In the order in which they were mounted.
std::vector<MountEntry> mounts() {
  std::vector<MountEntry> entries;
  std::ifstream table("/proc/self/mountinfo");
  for (std::string line; std::getline(table, line);) {
    std::istringstream words(line);
    MountEntry entry;
    std::string parent, device, root, mount_point, word;
    words >> entry.id >> parent >> device >> root >> mount_point;
    while (words >> word && word != "-") {
    }
    entry.mount_point = unescaped(mount_point);
    words >> entry.type >> word >> word;
    const std::size_t user = (',' + word).find(",user_id=");
    if (user != std::string::npos) entry.user_id = std::atoi(word.c_str() + user + 8);
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace

std::optional<MountEntry> mount_at(const std::string& path) {
  const std::vector<MountEntry> all = mounts();
  for (auto entry = all.rbegin(); entry != all.rend(); ++entry) {
    if (entry->mount_point == path) return *entry;
  }
  return std::nullopt;
}

std::optional<MountEntry> mount_above(const std::string& path, const std::string& type) {
  for (std::string at = path;; at = directory_of(at)) {
    const auto entry = mount_at(at);
    if (entry && entry->type == type) return entry;
    if (at == "/" || at == ".") return std::nullopt;
  }
}

}  // namespace litetool
