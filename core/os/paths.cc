#include "core/os/paths.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>

namespace litetool {

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string last_part(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

Result<std::string> absolute_path(const std::string& path) {
  const std::string name = last_part(path);
  if (name.empty()) return Error(Errc::kUsage, path + " is a directory, a file name is needed");
  auto folder = absolute_directory(directory_of(path));
  if (!folder) return std::move(folder).error();
  if (!folder->ends_with('/')) *folder += '/';
  return *folder + name;
}

Result<std::string> absolute_name(const std::string& path) {
  auto there = absolute_path(path);
  if (there || there.error().code != Errc::kNotFound || last_part(path) == "..") return there;
  auto folder = absolute_name(directory_of(path));
  return folder ? *folder + "/" + last_part(path) : there;
}

Result<std::string> resolved_path(const std::string& path) {
  char* resolved = ::realpath(path.c_str(), nullptr);
  if (resolved == nullptr) return Error::from_errno(errno, "open " + path);
  std::string result = resolved;
  std::free(resolved);
  return result;
}

Result<std::string> absolute_directory(const std::string& path) {
  LT_ASSIGN(std::string result, resolved_path(path));
  struct stat st {};
  if (::stat(result.c_str(), &st) == 0 && !S_ISDIR(st.st_mode)) {
    return Error(Errc::kUsage, path + " is no directory, and one is needed here");
  }
  return result;
}

bool is_same_file(Env& env, const std::string& a, const std::string& b) {
  const auto one = env.stat(kCwd, a);
  const auto other = env.stat(kCwd, b);
  return one && other && one->st_dev == other->st_dev && one->st_ino == other->st_ino;
}

}  // namespace litetool
