#include "core/source/find_history.h"

#include "core/history/layout.h"

namespace litetool {

Result<HistoryPlace> find_history(Env& env, const std::string& absolute_path) {
  for (std::size_t slash = absolute_path.rfind('/'); slash != std::string::npos;
       slash = slash == 0 ? std::string::npos : absolute_path.rfind('/', slash - 1)) {
    const std::string directory = slash == 0 ? "/" : absolute_path.substr(0, slash);
    if (!env.stat(kCwd, directory + "/" + std::string(kHistoryFolder) + "/db")) continue;
    const std::string database = absolute_path.substr(slash + 1);
    return HistoryPlace{directory, database, history_folder_of(database)};
  }
  return Error(Errc::kNotFound, absolute_path + " has no history: no directory above it contains " +
                                    std::string(kHistoryFolder) + " (see 'litetool mount --help')");
}

}  // namespace litetool
