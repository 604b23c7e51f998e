#include "core/source/history_summary.h"

#include <algorithm>

#include "core/history/file_images.h"
#include "core/history/file_runs.h"
#include "core/history/history_reader.h"
#include "core/history/image_walk.h"
#include "core/history/layout.h"
#include "core/history/retention_survey.h"

namespace litetool {
namespace {

Result<std::uint64_t> count_quarantined(Env& env, const std::string& folder) {
  const auto names = env.list(kCwd, folder + "/" + std::string(kQuarantineFolder));
  if (!names && names.error().code == Errc::kNotFound) return 0;
  if (!names) return names.error();
  return static_cast<std::uint64_t>(std::ranges::count_if(
      *names, [](const std::string& name) { return !name.ends_with(".note"); }));
}

// One line each.
Result<std::uint64_t> count_marks(Env& env, const std::string& folder) {
  const auto file = env.open(kCwd, folder + "/" + std::string(kMarksFile), OpenMode::kRead);
  if (!file && file.error().code == Errc::kNotFound) return 0;
  if (!file) return file.error();
  std::uint64_t count = 0;
  Buffer piece(std::size_t{64} << 10);
  for (std::uint64_t at = 0;;) {
    LT_ASSIGN(const std::size_t n, (*file)->read_at(piece, at));
    if (n == 0) return count;
    count += static_cast<std::uint64_t>(
        std::count(piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(n), std::byte{'\n'}));
    at += n;
  }
}

Status set_last(Env& env, const std::string& path, HistorySummary& summary) {
  auto newest = FileImages::open(env, kCwd, path);
  if (!newest) return std::move(newest).error().with(path);
  auto last = newest->next();
  if (!last) return std::move(last).error().with(path);
  if (*last) summary.last = **last;
  return {};
}

// Where compaction has replaced files that are still there.
Status look_at_present_files(Env& env, const std::string& folder, HistorySummary& summary) {
  LT_ASSIGN(const std::vector<HistoryFile> files, list_history(env, kCwd, folder));
  for (const HistoryFile& file : files) {
    if (is_replaced(file, files)) continue;
    if (summary.images == 0) summary.first = {file.first, file.first_time_ms};
    summary.images += file.images;
  }
  return files.empty() ? Status() : set_last(env, files.back().path, summary);
}

Status look_at_ends(Env& env, const std::string& folder, HistorySummary& summary) {
  LT_ASSIGN(const auto runs, find_file_runs(env, kCwd, folder));
  if (!runs) return look_at_present_files(env, folder, summary);
  if (runs->empty()) return {};
  summary.first = {runs->front().first, runs->front().first_time_ms};
  for (const FileRun& run : *runs) summary.images += run.images;
  return set_last(env, runs->back().path, summary);
}

Status look_at_every_image(Env& env, const std::string& folder, HistorySummary& summary) {
  LT_ASSIGN(ImageWalk walk, ImageWalk::open(Job{env}, folder));
  for (;;) {
    LT_ASSIGN(const auto image, walk.next());
    if (!image) return {};
    if (!summary.last) summary.last = *image;
    summary.first = {image->max_txid, image->timestamp_ms};
    ++summary.images;
  }
}

// Compaction may take some away meanwhile.
Result<std::uint64_t> bytes_of_files(Env& env, const std::string& folder) {
  std::uint64_t bytes = 0;
  LT_ASSIGN(const std::vector<std::string> names, history_files(env, kCwd, folder));
  for (const std::string& name : names) {
    const auto st = env.stat(kCwd, folder + "/" + name);
    if (!st && st.error().code != Errc::kNotFound) return st.error();
    if (st) bytes += static_cast<std::uint64_t>(st->st_size);
  }
  return bytes;
}

}  // namespace

Result<HistorySummary> summarize_history(Env& env, const std::string& folder, Look look) {
  HistorySummary summary;
  LT_TRY(look == Look::kEnds ? look_at_ends(env, folder, summary)
                             : look_at_every_image(env, folder, summary));
  LT_ASSIGN(summary.bytes, bytes_of_files(env, folder));
  LT_ASSIGN(summary.marked, count_marks(env, folder));
  LT_ASSIGN(summary.quarantined, count_quarantined(env, folder));
  return summary;
}

}  // namespace litetool
