#include "core/source/litestream_v3.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include "formats/base/text.h"

namespace litetool {
namespace {

constexpr std::string_view kSnapshotSuffix = ".snapshot.lz4";
constexpr std::string_view kPieceSuffix = ".wal.lz4";
constexpr std::size_t kIndexDigits = 8;
constexpr std::size_t kMaxDigits = 16;

std::optional<std::uint64_t> parse_hex(std::string_view digits, std::size_t min, std::size_t max) {
  if (digits.size() < min || digits.size() > max) return std::nullopt;
  const auto value =
      parse_hex16(std::string(kMaxDigits - digits.size(), '0') + std::string(digits));
  if (!value) return std::nullopt;
  return *value;
}

// Index and offset from a name; false for a foreign one.
bool parse_name(std::string_view name, bool snapshot, V3File& file) {
  const std::string_view suffix = snapshot ? kSnapshotSuffix : kPieceSuffix;
  if (!name.ends_with(suffix)) return false;
  name.remove_suffix(suffix.size());
  const std::size_t split = snapshot ? name.size() : name.find('_');
  if (split == std::string_view::npos) return false;
  const auto index = parse_hex(name.substr(0, split), kIndexDigits, kIndexDigits);
  if (!index) return false;
  file.snapshot = snapshot;
  file.index = *index;
  if (snapshot) return true;
  const auto offset = parse_hex(name.substr(split + 1), kIndexDigits, kMaxDigits);
  file.offset = offset.value_or(0);
  return offset.has_value();
}

std::int64_t time_ms_of(const struct stat& st) {
  return std::int64_t{st.st_mtim.tv_sec} * 1000 + st.st_mtim.tv_nsec / 1'000'000;
}

Status list_folder(Env& env, const std::string& generation, const std::string& folder,
                   bool snapshots, std::vector<V3File>& out) {
  const auto names = env.list(kCwd, folder);
  if (!names) return names.error().code == Errc::kNotFound ? Status() : Status(names.error());
  for (const std::string& name : *names) {
    V3File file;
    if (!parse_name(name, snapshots, file)) continue;
    file.path = folder + "/" + name;
    file.generation = generation;
    LT_ASSIGN(const struct stat st, env.stat(kCwd, file.path));
    file.size_bytes = static_cast<std::uint64_t>(st.st_size);
    file.time_ms = time_ms_of(st);
    out.push_back(std::move(file));
  }
  return {};
}

Result<std::int64_t> latest_time(const std::vector<V3File>& files, const Point& point,
                                 const Now& now) {
  const bool is_instant = point.kind == Point::Kind::kTime;
  if (!is_instant && (point.kind != Point::Kind::kLatest || point.back != 0)) {
    return Error(Errc::kUnsupported,
                 "a replica of Litestream 0.3 has no transaction ids: use 'latest' or an instant");
  }
  if (point.kind == Point::Kind::kLatest) return std::numeric_limits<std::int64_t>::max();
  const auto newest = std::ranges::max_element(files, {}, &V3File::time_ms);
  if (point.time_ms > now.ms && point.time_ms > newest->time_ms) {
    return Error(Errc::kNotFound, now.zone.text(point.time_ms) +
                                      " is in the future: the replica ends at " +
                                      now.zone.text(newest->time_ms));
  }
  return point.time_ms;
}

// The newest snapshot that is not later; none when all are.
std::vector<V3File>::const_iterator choose_snapshot(const std::vector<V3File>& files,
                                                    std::int64_t until_ms) {
  auto best = files.end();
  for (auto file = files.begin(); file != files.end(); ++file) {
    if (!file->snapshot || file->time_ms > until_ms) continue;
    if (best == files.end() || file->time_ms >= best->time_ms) best = file;
  }
  return best;
}

// The piece follows on from the file before it, as far as names tell.
Status check_follows(const V3File& last, const V3File& piece) {
  const bool begins = piece.offset == 0;
  const bool same_log = piece.index == last.index && (last.snapshot ? begins : !begins);
  const bool next_log = piece.index == last.index + 1 && begins && !last.snapshot;
  if (same_log || next_log) return {};
  return Error(Errc::kBrokenChain,
               "a piece of the log is missing between " + last.path + " and " + piece.path);
}

}  // namespace

Result<std::vector<V3File>> list_v3_files(Env& env, const std::string& generations) {
  std::vector<V3File> files;
  LT_ASSIGN(const std::vector<std::string> names, env.list(kCwd, generations));
  for (const std::string& name : names) {
    const std::string folder = generations + "/" + name;
    LT_TRY(list_folder(env, name, folder + "/snapshots", true, files));
    LT_TRY(list_folder(env, name, folder + "/wal", false, files));
  }
  if (std::ranges::none_of(files, &V3File::snapshot)) {
    return Error(Errc::kNotFound, generations + " has no snapshot of a database");
  }
  std::ranges::sort(files, {}, [](const V3File& f) {
    return std::tuple(f.generation, f.index, !f.snapshot, f.offset);
  });
  return files;
}

Result<V3Plan> plan_v3(const std::vector<V3File>& files, const Point& point, const Now& now) {
  LT_ASSIGN(const std::int64_t until_ms, latest_time(files, point, now));
  auto file = choose_snapshot(files, until_ms);
  if (file == files.end()) {
    std::int64_t first_ms = std::numeric_limits<std::int64_t>::max();
    for (const V3File& f : files) {
      if (f.snapshot) first_ms = std::min(first_ms, f.time_ms);
    }
    return Error(Errc::kNotFound, "the replica does not go back to " + now.zone.text(until_ms) +
                                      ": the first snapshot is of " + now.zone.text(first_ms));
  }
  V3Plan plan{{*file}, file->time_ms};
  const std::string& generation = file->generation;
  for (++file; file != files.end() && file->generation == generation; ++file) {
    if (file->snapshot) continue;  // an older one than the one that was chosen, or a later state
    if (file->time_ms > until_ms) break;
    LT_TRY(check_follows(plan.files.back(), *file));
    plan.files.push_back(*file);
    plan.time_ms = std::max(plan.time_ms, file->time_ms);
  }
  return plan;
}

}  // namespace litetool
