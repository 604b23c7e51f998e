#include "cmd/history_place.h"

#include "cmd/mount_status.h"
#include "core/history/layout.h"
#include "core/os/mount_table.h"
#include "core/os/paths.h"
#include "core/source/find_history.h"

namespace litetool {

Result<NamedHistories> named_histories(Context& context, const std::string& path) {
  NamedHistories named;
  const auto directory = absolute_directory(path);
  std::string inside;  // a path in the directory that is meant
  if (directory) {
    inside = (*directory == "/" ? "" : *directory) + "/";
  } else {
    LT_ASSIGN(inside, absolute_path(path));
  }
  const auto mount = mount_above(directory_of(inside), "fuse.litetool");
  if (mount) {
    named.is_mounted = true;
    named.mount = read_mount_status(mount->mount_point);
    named.directory = mount->mount_point;
    named.history = named.mount ? text_in(*named.mount, "history")
                                : mount->mount_point + "/" + std::string(kHistoryFolder);
    if (!directory) named.database = inside.substr(named.directory.size() + 1);
    return named;
  }
  LT_ASSIGN(const HistoryPlace place, find_history(context.env, inside));
  named.directory = place.directory;
  named.history = place.directory + "/" + std::string(kHistoryFolder);
  if (!directory) named.database = place.database;
  return named;
}

}  // namespace litetool
