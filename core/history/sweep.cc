#include "core/history/sweep.h"

#include <algorithm>
#include <array>
#include <vector>

#include "core/os/atomic_file.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

constexpr std::array kRootNames = {kIdentityFile,
                                   kNodeFile,
                                   kRenameFile,
                                   std::string_view("config.toml"),
                                   std::string_view("log"),
                                   std::string_view("db")};
constexpr std::array kDatabaseNames = {kChecksumsFile, kMarksFile,   kTagsFile,        kBootFile,
                                       kRedoFile,      kDamagedFile, kQuarantineFolder};
constexpr std::size_t kMostNamed = 3;

using IsOurs = bool (*)(std::string_view);

bool is_ours_in_root(std::string_view name) {
  // "log.1", "log-20261129": of programs that rotate logs.
  return std::ranges::find(kRootNames, name) != kRootNames.end() || name.starts_with("log.") ||
         name.starts_with("log-");
}

bool is_ours_of_database(std::string_view name) {
  return std::ranges::find(kDatabaseNames, name) != kDatabaseNames.end() ||
         last_txid_of_name(name).value != 0;
}

// A file of ours under the name that it has until it is finished.
bool is_unfinished(std::string_view name, IsOurs is_ours) {
  if (name.ends_with(".new")) return is_ours(name.substr(0, name.size() - 4));
  const auto target = target_of_unfinished(name);
  return target && is_ours(*target);
}

class Sweep {
 public:
  Sweep(Env& env, const HistoryRoot& root) : env_(env), root_(root) {}

  void look_at(const std::string& folder, IsOurs is_ours) {
    const auto names = env_.list(root_.dir, folder);
    if (!names) return;
    for (const std::string& name : *names) {
      const std::string path = folder + "/" + name;
      if (is_ours(name)) continue;
      if (is_unfinished(name, is_ours)) {
        (void)env_.unlink(root_.dir, path);
      } else {
        strays_.push_back(path);
      }
    }
  }

  void look_at_databases() {
    const std::string folders = root_.file("db");
    const auto names = env_.list(root_.dir, folders);
    for (const std::string& name : names ? *names : std::vector<std::string>()) {
      const auto st = env_.lstat(root_.dir, folders + "/" + name);
      if (st && S_ISDIR(st->st_mode)) {
        look_at(folders + "/" + name, is_ours_of_database);
      } else {
        strays_.push_back(folders + "/" + name);
      }
    }
  }

  // "a, b, c and 4 more"; empty for none.
  std::string strays() const {
    std::string text;
    for (std::size_t i = 0; i < std::min(strays_.size(), kMostNamed); ++i) {
      text += (i == 0 ? "" : ", ") + printable(strays_[i]);
    }
    const std::size_t more = strays_.size() - std::min(strays_.size(), kMostNamed);
    return more == 0 ? text : text + " and " + std::to_string(more) + " more";
  }

 private:
  Env& env_;
  const HistoryRoot& root_;
  std::vector<std::string> strays_;
};

}  // namespace

void sweep_history(Env& env, const HistoryRoot& root,
                   const std::function<void(const std::string&)>& warn) {
  Sweep sweep(env, root);
  sweep.look_at(root.folder, is_ours_in_root);
  sweep.look_at_databases();
  const std::string strays = sweep.strays();
  if (!strays.empty()) warn("not of the history, and left alone: " + strays);
}

}  // namespace litetool
