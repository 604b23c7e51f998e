#include "mount/posix_calls.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace litetool::test {
namespace {

std::string describe(const struct stat& st) {
  char text[128];
  const long long size = S_ISDIR(st.st_mode) ? -1 : static_cast<long long>(st.st_size);
  (void)std::snprintf(text, sizeof text, "mode %o links %ld owner %u:%u size %lld", st.st_mode,
                      static_cast<long>(st.st_nlink), st.st_uid, st.st_gid, size);
  return text;
}

}  // namespace

void Calls::stat(const std::string& name) {
  struct stat st {};
  const int result = ::lstat(name.c_str(), &st);
  if (note("lstat " + name, result) == 0) line("  " + describe(st));
}

void Calls::stat(int file) {
  struct stat st {};
  if (note("fstat", ::fstat(file, &st)) == 0) line("  " + describe(st));
}

void Calls::content(const std::string& name) {
  const int file = fd("read " + name, ::open(name.c_str(), O_RDONLY | O_CLOEXEC));
  if (file < 0) return;
  std::string bytes(1 << 20, '\0');
  const ssize_t n = ::read(file, bytes.data(), bytes.size());
  ::close(file);
  if (note("  bytes", n) < 0) return;
  bytes.resize(static_cast<std::size_t>(n));
  for (char& c : bytes) c = c == '\0' ? '.' : c;
  line("  " + bytes.substr(0, 200) + " #" + std::to_string(std::hash<std::string>()(bytes)));
}

void Calls::list(const std::string& name) {
  DIR* stream = ::opendir(name.c_str());
  if (stream == nullptr) {
    line("list " + name + " = " + ::strerrorname_np(errno));
    return;
  }
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(stream)) {
    const std::string text = entry->d_name;
    if (text != ".litetool") names.push_back(text + " " + std::to_string(entry->d_type));
  }
  ::closedir(stream);
  std::ranges::sort(names);
  line("list " + name);
  for (const std::string& text : names) line("  " + text);
}

}  // namespace litetool::test
