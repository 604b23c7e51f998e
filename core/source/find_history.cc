#include "core/source/find_history.h"

#include "core/history/identity.h"
#include "core/os/paths.h"

namespace litetool {
namespace {

// The directory of a history that lies apart from it.
Result<std::string> directory_of_history(Env& env, const std::string& history) {
  LT_ASSIGN(const auto identity, read_identity(env, HistoryRoot{kCwd, history}));
  return identity ? identity->directory.path : directory_of(history);
}

}  // namespace

Result<bool> is_history(Env& env, const std::string& path) {
  const auto databases = env.stat(kCwd, path + "/db");
  if (!databases && databases.error().code != Errc::kNotFound) return databases.error();
  return databases && (last_part(path) == kHistoryFolder ||
                       env.stat(kCwd, path + "/" + std::string(kIdentityFile)));
}

Result<HistoryPlace> find_history(Env& env, const std::string& absolute_path) {
  for (std::size_t slash = absolute_path.rfind('/'); slash != std::string::npos;
       slash = slash == 0 ? std::string::npos : absolute_path.rfind('/', slash - 1)) {
    const std::string above = absolute_path.substr(0, slash);
    const std::string database = absolute_path.substr(slash + 1);
    const std::string inside = above + "/" + std::string(kHistoryFolder);
    LT_ASSIGN(const bool is_inside, is_history(env, inside));
    if (is_inside) {
      return HistoryPlace{inside, above.empty() ? "/" : above, database,
                          history_folder_of(inside, database)};
    }
    if (last_part(above) == kHistoryFolder) continue;
    LT_ASSIGN(const bool is_above, is_history(env, above));
    if (is_above) {
      LT_ASSIGN(const std::string directory, directory_of_history(env, above));
      return HistoryPlace{above, directory, database, history_folder_of(above, database)};
    }
  }
  return Error(Errc::kNotFound, absolute_path + " has no history: no directory above it contains " +
                                    std::string(kHistoryFolder) +
                                    " (if it was mounted with '--history DIR', name DIR/DATABASE; "
                                    "see 'litetool mount --help')");
}

}  // namespace litetool
