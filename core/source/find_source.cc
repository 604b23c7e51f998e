#include "core/source/find_source.h"

#include <algorithm>

#include "core/history/identity.h"
#include "core/os/paths.h"
#include "core/source/find_history.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

constexpr int kLevels = 10;  // of a Litestream replica, the snapshots included
constexpr std::size_t kMaxNames = 10;

std::string joined(const std::string& folder, const std::string& name) {
  return folder.ends_with('/') ? folder + name : folder + "/" + name;
}

std::string last_name(const std::string& path) {
  const std::size_t end = path.find_last_not_of('/');
  if (end == std::string::npos) return path;
  const std::size_t slash = path.rfind('/', end);
  const std::size_t begin = slash == std::string::npos ? 0 : slash + 1;
  return path.substr(begin, end + 1 - begin);
}

bool is_dir(Env& env, const std::string& path) {
  const auto st = env.stat(kCwd, path);
  return st && S_ISDIR(st->st_mode);
}

bool has_files(Env& env, const std::string& folder, std::string_view suffix) {
  const auto names = env.list(kCwd, folder);
  return names && std::ranges::any_of(
                      *names, [&](const std::string& name) { return name.ends_with(suffix); });
}

// The levels of a Litestream replica below a folder, in either spelling.
std::vector<std::string> levels_in(Env& env, const std::string& folder) {
  std::vector<std::string> levels;
  for (const char* const spelling : {"", "000"}) {
    for (int level = 0; level < kLevels; ++level) {
      const std::string path = joined(folder, spelling + std::to_string(level));
      if (is_dir(env, path)) levels.push_back(path);
    }
  }
  return levels;
}

// The one folder below `folder`, which holds one for each database.
Result<std::string> only_database(Env& env, const std::string& folder, bool escaped) {
  LT_ASSIGN(std::vector<std::string> names, env.list(kCwd, folder));
  std::erase_if(names, [&](const std::string& n) { return !is_dir(env, joined(folder, n)); });
  if (names.empty()) return Error(Errc::kNotFound, folder + " has no database with a history");
  if (names.size() == 1) return names.front();
  std::vector<std::string> shown;
  for (const std::string& name : names) {
    if (shown.size() == kMaxNames) {
      shown.push_back("and " + std::to_string(names.size() - kMaxNames) + " more");
      break;
    }
    shown.push_back(printable(escaped ? unescape_path(name).value_or(name) : name));
  }
  return Error(Errc::kUsage, folder + " has the history of several databases, name one of them: " +
                                 join(shown, ", "));
}

Result<SourcePlace> litetool_place(Env& env, const std::string& history) {
  LT_TRY(read_identity(env, HistoryRoot{kCwd, history}));
  const std::string databases = joined(history, "db");
  LT_ASSIGN(const std::string name, only_database(env, databases, true));
  return SourcePlace{
      SourceKind::kLitetool, unescape_path(name).value_or(name), {joined(databases, name)}};
}

SourcePlace litefs_place(const std::string& folder) {
  return SourcePlace{SourceKind::kLitefs, last_name(folder), {joined(folder, "ltx")}};
}

Result<SourcePlace> place_of_folder(Env& env, const std::string& path) {
  for (const std::string& history : {joined(path, std::string(kHistoryFolder)), path}) {
    LT_ASSIGN(const bool is_there, is_history(env, history));
    if (is_there) return litetool_place(env, history);
  }
  if (is_dir(env, joined(path, "dbs"))) {
    LT_ASSIGN(const std::string name, only_database(env, joined(path, "dbs"), false));
    return litefs_place(joined(joined(path, "dbs"), name));
  }
  for (const std::string& folder : {joined(path, "ltx"), path}) {
    std::vector<std::string> levels = levels_in(env, folder);
    if (!levels.empty()) {
      return SourcePlace{SourceKind::kLitestream, last_name(path), std::move(levels)};
    }
  }
  if (is_dir(env, joined(path, "generations"))) {
    return SourcePlace{SourceKind::kLitestream3, last_name(path), {joined(path, "generations")}};
  }
  if (has_files(env, joined(path, "ltx"), ".ltx")) return litefs_place(path);
  if (has_files(env, path, kSegmentSuffix)) {
    const std::string name = last_name(path);
    return SourcePlace{SourceKind::kLitetool, unescape_path(name).value_or(name), {path}};
  }
  if (has_files(env, path, ".ltx")) return SourcePlace{SourceKind::kLtx, last_name(path), {path}};
  return Error(Errc::kNotFound, path + " has no history: neither " + std::string(kHistoryFolder) +
                                    ", nor LiteFS or Litestream data, nor LTX files (if it was "
                                    "mounted with '--history DIR', name DIR)");
}

// Of a database, which may be gone; its folder has to be there.
Result<SourcePlace> place_of_database(Env& env, const std::string& path) {
  LT_ASSIGN(const std::string absolute, absolute_name(path));
  const std::string folder = directory_of(absolute);
  if (last_name(directory_of(folder)) == "dbs" && has_files(env, joined(folder, "ltx"), ".ltx")) {
    return litefs_place(folder);
  }
  LT_ASSIGN(const HistoryPlace place, find_history(env, absolute));
  LT_TRY(read_identity(env, HistoryRoot{kCwd, place.history}));
  if (!is_dir(env, place.folder)) {
    return Error(Errc::kNotFound, place.database + " has no history in " + place.history);
  }
  return SourcePlace{SourceKind::kLitetool, place.database, {place.folder}};
}

}  // namespace

const char* source_kind_name(SourceKind kind) {
  switch (kind) {
    case SourceKind::kLitetool:
      return "litetool";
    case SourceKind::kLitefs:
      return "litefs";
    case SourceKind::kLitestream:
      return "litestream";
    case SourceKind::kLitestream3:
      return "litestream-0.3";
    case SourceKind::kLtx:
      break;
  }
  return "ltx";
}

Result<SourcePlace> find_source(Env& env, const std::string& path) {
  if (is_dir(env, path)) return place_of_folder(env, path);
  if (env.stat(kCwd, path) && (path.ends_with(".ltx") || path.ends_with(kSegmentSuffix))) {
    return SourcePlace{SourceKind::kLtx, last_name(path), {path}};
  }
  return place_of_database(env, path);
}

}  // namespace litetool
