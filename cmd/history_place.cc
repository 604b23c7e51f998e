#include "cmd/history_place.h"

#include "cmd/mount_status.h"
#include "core/history/identity.h"
#include "core/os/mount_table.h"
#include "core/os/paths.h"
#include "core/source/find_history.h"

namespace litetool {
namespace {

// A path in the directory that is meant, and whether it is that directory itself.
struct Inside {
  std::string path;
  bool is_directory = false;
};
Result<Inside> inside_of(const std::string& path) {
  const auto directory = absolute_directory(path);
  if (directory) return Inside{(*directory == "/" ? "" : *directory) + "/", true};
  LT_ASSIGN(std::string file, absolute_name(path));
  return Inside{std::move(file), false};
}

// Of a mount that serves the directory with this history.
void add_mount(NamedHistories& named) {
  auto mount = read_mount_status(named.directory);
  if (!mount || text_in(*mount, "history") != named.history) return;
  named.is_mounted = true;
  named.mount = std::move(mount);
}

}  // namespace

Result<NamedHistories> named_histories(Context& context, const std::string& path) {
  NamedHistories named;
  LT_ASSIGN(const Inside inside, inside_of(path));
  const auto mount = mount_above(directory_of(inside.path), "fuse.litetool");
  if (mount) {
    named.is_mounted = true;
    named.mount = read_mount_status(mount->mount_point);
    named.directory = mount->mount_point;
    named.history = named.mount ? text_in(*named.mount, "history")
                                : mount->mount_point + "/" + std::string(kHistoryFolder);
    if (!inside.is_directory) named.database = inside.path.substr(named.directory.size() + 1);
    return named;
  }
  LT_ASSIGN(const HistoryPlace place, find_history(context.env, inside.path));
  LT_TRY(read_identity(context.env, HistoryRoot{kCwd, place.history}));
  named.directory = place.directory;
  named.history = place.history;
  if (!inside.is_directory) named.database = place.database;
  add_mount(named);
  return named;
}

Result<SourcePlace> named_source(Context& context, const std::string& path) {
  const auto inside = inside_of(path);
  const auto mount =
      inside ? mount_above(directory_of(inside->path), "fuse.litetool") : std::nullopt;
  const auto status = mount ? read_mount_status(mount->mount_point) : std::nullopt;
  const std::string history = status ? text_in(*status, "history") : "";
  const bool is_apart =
      status && history != text_in(*status, "source") + "/" + std::string(kHistoryFolder);
  if (!is_apart) return find_source(context.env, path);
  const std::string name = inside->path.substr(mount->mount_point.size() + 1);
  if (name.empty()) return find_source(context.env, history);
  auto place = find_source(context.env, history_folder_of(history, name));
  if (!place && place.error().code == Errc::kNotFound) {
    return Error(Errc::kNotFound, name + " has no history in " + history);
  }
  return place;
}

bool is_database_file(Context& context, const std::string& path) {
  const auto st = context.env.stat(kCwd, path);
  return st && S_ISREG(st->st_mode) && !path.ends_with(".ltx") && !path.ends_with(kSegmentSuffix);
}

std::string live_file(Context& context, const std::string& path, const SourcePlace& place) {
  if (place.kind != SourceKind::kLitetool) return path;
  const auto named = named_histories(context, path);
  if (!named) return path;
  const std::string source = named->mount ? text_in(*named->mount, "source") : "";
  return (source.empty() ? named->directory : source) + "/" + place.name;
}

std::int64_t capture_lag_ms(const std::string& path) {
  constexpr std::int64_t kLongestLagMs = 5000;
  const auto absolute = absolute_path(path);
  return absolute && mount_above(*absolute, "fuse.litetool") ? kLongestLagMs : 0;
}

}  // namespace litetool
