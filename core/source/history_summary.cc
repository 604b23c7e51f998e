#include "core/source/history_summary.h"

#include <algorithm>

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

}  // namespace

Result<HistorySummary> summarize_history(Env& env, const std::string& folder) {
  LT_ASSIGN(const HistoryReader reader, HistoryReader::open(env, kCwd, folder));
  HistorySummary summary;
  summary.images = reader.images().size();
  if (summary.images > 0) {
    summary.first = reader.images().front();
    summary.last = reader.images().back();
  }
  for (const std::string& file : reader.files()) {
    LT_ASSIGN(const struct stat st, env.stat(kCwd, file));
    summary.bytes += static_cast<std::uint64_t>(st.st_size);
  }
  LT_ASSIGN(summary.marked, count_marks(env, folder));
  LT_ASSIGN(summary.quarantined, count_quarantined(env, folder));
  return summary;
}

}  // namespace litetool
