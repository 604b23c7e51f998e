#include "core/ltx/file_set.h"

#include <set>
#include <utility>

namespace litetool {
namespace {

constexpr std::size_t kMaxDepth = 64;
constexpr char kQuarantine[] = "quarantine";

class Walk {
 public:
  Walk(Env& env, FileSet& set) : env_(env), set_(set) {}

  void named(const std::string& path) {
    const auto st = env_.stat(kCwd, path);
    if (!st) {
      set_.unread.push_back({path, st.error()});
    } else if (S_ISDIR(st->st_mode)) {
      folder(trimmed(path), *st);
    } else {
      add(path, *st, true);
    }
  }

 private:
  using Inode = std::pair<dev_t, ino_t>;

  static std::string trimmed(std::string path) {
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    return path;
  }

  void add(const std::string& path, const struct stat& st, bool is_named) {
    const auto size = static_cast<std::uint64_t>(st.st_size);
    set_.files.push_back({path, size, path.ends_with(".ltxs"), is_named});
    set_.total_bytes += size;
  }

  void folder(const std::string& path, const struct stat& st) {
    const Inode inode{st.st_dev, st.st_ino};
    if (!seen_.insert(inode).second) return;  // a link, to a folder above or beside
    if (depth_ == kMaxDepth) {
      set_.unread.push_back({path, Error(Errc::kUnsupported, "folders are nested too deep")});
      return;
    }
    const auto names = env_.list(kCwd, path);
    if (!names) {
      set_.unread.push_back({path, names.error()});
      return;
    }
    ++depth_;
    const std::string prefix = path == "/" ? path : path + "/";
    std::vector<std::pair<std::string, struct stat>> folders;
    for (const std::string& name : *names) entry(prefix + name, name, folders);
    for (const auto& [below, below_st] : folders) folder(below, below_st);
    --depth_;
  }

  void entry(const std::string& path, const std::string& name,
             std::vector<std::pair<std::string, struct stat>>& folders) {
    const auto st = env_.stat(kCwd, path);
    if (!st) {
      // A dangling link, or a file that a writer has just renamed: nothing of ours.
      if (st.error().code == Errc::kNotFound) {
        ++set_.foreign_count;
      } else {
        set_.unread.push_back({path, st.error()});
      }
    } else if (S_ISDIR(st->st_mode)) {
      if (name == kQuarantine) {
        ++set_.foreign_count;
      } else {
        folders.emplace_back(path, *st);
      }
    } else if (S_ISREG(st->st_mode) && (name.ends_with(".ltx") || name.ends_with(".ltxs"))) {
      add(path, *st, false);
    } else if (name.ends_with(".tmp")) {
      ++set_.temporary_count;
    } else {
      ++set_.foreign_count;
    }
  }

  Env& env_;
  FileSet& set_;
  std::set<Inode> seen_;   // folders below this path
  std::size_t depth_ = 0;  // of folders on the way down to here
};

}  // namespace

std::string LtxFile::folder() const {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string LtxFile::name() const {
  return path.substr(path.rfind('/') + 1);
}

FileSet collect_files(Env& env, const std::vector<std::string>& paths) {
  FileSet set;
  for (const std::string& path : paths) Walk(env, set).named(path);
  return set;
}

}  // namespace litetool
