#include "core/capture/find_databases.h"

#include <array>

#include "core/capture/file_name.h"
#include "core/history/layout.h"
#include "formats/sqlite/file_header.h"

namespace litetool {
namespace {

constexpr int kMaxDepth = 64;

bool holds_database(Env& env, int dir, const std::string& path) {
  const auto file = env.open(dir, path, OpenMode::kRead);
  if (!file) return false;
  std::array<std::byte, kFileMagicSize> magic{};
  const auto n = (*file)->read_at(magic, 0);
  if (!n) return false;
  if (*n == 0) return env.stat(dir, path + "-wal").ok();
  return is_database(Bytes(magic).first(*n));
}

class Search {
 public:
  Search(Env& env, int dir, const std::atomic<bool>& stop,
         const std::function<void(const std::string&)>& found)
      : env_(env), dir_(dir), stop_(stop), found_(found) {}

  void folder(const std::string& path, int depth) const {
    const auto names = env_.list(dir_, path.empty() ? "." : path);
    if (!names) return;
    for (const std::string& name : *names) {
      if (stop_) return;
      if (path.empty() && name == kHistoryFolder) continue;
      entry(path.empty() ? name : path + "/" + name, depth);
    }
  }

 private:
  void entry(const std::string& path, int depth) const {
    const auto st = env_.lstat(dir_, path);
    if (!st) return;
    if (S_ISDIR(st->st_mode) && depth < kMaxDepth) return folder(path, depth + 1);
    const bool may_be_one = S_ISREG(st->st_mode) && classify_file(path).role == FileRole::kDatabase;
    if (may_be_one && holds_database(env_, dir_, path)) found_(path);
  }

  Env& env_;
  const int dir_;
  const std::atomic<bool>& stop_;
  const std::function<void(const std::string&)>& found_;
};

}  // namespace

void find_databases(Env& env, int dir, const std::atomic<bool>& stop,
                    const std::function<void(const std::string& path)>& found) {
  Search(env, dir, stop, found).folder("", 0);
}

}  // namespace litetool
