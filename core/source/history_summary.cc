#include "core/source/history_summary.h"

#include <algorithm>

#include "core/history/file_images.h"
#include "core/history/file_runs.h"
#include "core/history/history_reader.h"
#include "core/history/layout.h"

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

// By the ends of the files; false where they do not tell.
Result<bool> look_at_ends(Env& env, const std::string& folder, HistorySummary& summary) {
  LT_ASSIGN(const auto runs, find_file_runs(env, kCwd, folder));
  if (!runs || runs->empty()) return false;
  auto newest = FileImages::open(env, kCwd, runs->back().path);
  const auto last = newest ? newest->next() : Result<std::optional<HistoryImage>>(newest.error());
  if (!last || !*last) return false;
  summary.last = *last;
  summary.first = {runs->front().first, runs->front().first_time_ms};
  for (const FileRun& run : *runs) summary.images += run.images;
  return true;
}

Status look_at_every_image(Env& env, const std::string& folder, HistorySummary& summary) {
  LT_ASSIGN(const HistoryReader reader, HistoryReader::open(env, kCwd, folder));
  const std::vector<HistoryImage>& images = reader.images();
  summary.images = images.size();
  if (images.empty()) return {};
  summary.first = {images.front().max_txid, images.front().timestamp_ms};
  summary.last = images.back();
  return {};
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
  bool told = false;
  if (look == Look::kEnds) {
    LT_ASSIGN(told, look_at_ends(env, folder, summary));
  }
  if (!told) LT_TRY(look_at_every_image(env, folder, summary));
  LT_ASSIGN(summary.bytes, bytes_of_files(env, folder));
  LT_ASSIGN(summary.marked, count_marks(env, folder));
  LT_ASSIGN(summary.quarantined, count_quarantined(env, folder));
  return summary;
}

}  // namespace litetool
