#include "core/os/holders.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <memory>

#include "formats/base/text.h"

namespace litetool {
namespace {

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

std::vector<std::string> names_in(const std::string& path) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, CloseDirectory> stream(::opendir(path.c_str()));
  if (stream == nullptr) return names;
  while (const dirent* entry = ::readdir(stream.get())) names.emplace_back(entry->d_name);
  return names;
}

std::string link_target(const std::string& path) {
  std::array<char, 4096> target{};
  const ssize_t n = ::readlink(path.c_str(), target.data(), target.size());
  return n <= 0 ? "" : std::string(target.data(), static_cast<std::size_t>(n));
}

bool is_below(const std::string& path, const std::string& directory) {
  if (!path.starts_with(directory)) return false;
  return path.size() == directory.size() || directory == "/" || path[directory.size()] == '/';
}

// Whether what a link in /proc leads to is in the mount; asks the kernel alone, not the file
// system.
bool is_in_mount(const std::string& link, std::uint64_t mount_id) {
  struct statx st {};
  return ::statx(AT_FDCWD, link.c_str(), AT_STATX_DONT_SYNC, STATX_MNT_ID, &st) == 0 &&
         (st.stx_mask & STATX_MNT_ID) != 0 && st.stx_mnt_id == mount_id;
}

// The first path that the process holds below the directory; empty for none.
std::string held_path(const std::string& process, const std::string& directory,
                      std::optional<std::uint64_t> mount_id) {
  std::vector<std::string> links;
  for (const std::string& name : names_in(process + "/fd")) links.push_back("/fd/" + name);
  if (directory != "/") links.insert(links.end(), {"/cwd", "/root"});
  for (const std::string& link : links) {
    const std::string target = link_target(process + link);
    if (!is_below(target, directory)) continue;
    if (!mount_id || is_in_mount(process + link, *mount_id)) return target;
  }
  // A mapping names no mount; who maps a file nearly always has it open too.
  if (mount_id) return "";
  std::ifstream maps(process + "/maps");
  for (std::string line; std::getline(maps, line);) {
    const std::size_t path = line.find('/');
    if (path != std::string::npos && is_below(line.substr(path), directory)) {
      return line.substr(path);
    }
  }
  return "";
}

}  // namespace

std::vector<Holder> holders_below(const std::string& directory,
                                  std::optional<std::uint64_t> mount_id) {
  std::vector<Holder> holders;
  for (const std::string& name : names_in("/proc")) {
    const auto pid = parse_u64(name);
    if (!pid || static_cast<pid_t>(*pid) == ::getpid()) continue;
    const std::string process = "/proc/" + name;
    const std::string path = held_path(process, directory, mount_id);
    if (path.empty()) continue;
    std::string program;
    std::ifstream comm(process + "/comm");
    std::getline(comm, program);
    holders.push_back({static_cast<pid_t>(*pid), printable(program), path});
  }
  return holders;
}

std::string holders_text(const std::vector<Holder>& holders, const std::string& directory,
                         std::size_t most) {
  std::vector<std::string> parts;
  for (const Holder& holder : holders) {
    if (parts.size() == most) {
      parts.push_back(std::to_string(holders.size() - most) + " more");
      break;
    }
    const bool inside = holder.path.size() > directory.size() + 1;
    parts.push_back(holder.program + " (pid " + std::to_string(holder.pid) +
                    (inside ? ", " + printable(holder.path.substr(directory.size() + 1)) : "") +
                    ")");
  }
  return join(parts, ", ");
}

}  // namespace litetool
