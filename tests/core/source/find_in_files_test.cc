// What names, heads and ends of files tell about a history, against a list of all its images.
#include "core/source/find_in_files.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "core/history/file_runs.h"
#include "core/history/layout.h"
#include "core/source/history_source.h"
#include "core/source/history_summary.h"
#include "core/source/steps.h"
#include "core/source/stretches.h"
#include "tests/support/hooked_env.h"
#include "tests/support/ltx_images.h"
#include "tests/support/random_history.h"
#include "tests/support/temp_dir.h"

namespace litetool::test {
namespace {

constexpr std::uint32_t kPageSize = 512;
constexpr std::int64_t kFirstMs = RandomHistory::kFirstMs;

std::string text_of(const std::vector<Stretch>& stretches) {
  std::string text;
  for (const Stretch& s : stretches) {
    text += std::string(grain_text(s.grain)) + " " + s.first.txid.text() + " " +
            std::to_string(s.first.time_ms) + " " + s.last.txid.text() + " " +
            std::to_string(s.last.time_ms) + " " + std::to_string(s.points) + "\n";
  }
  return text;
}

std::string text_of(const Result<FoundMoment>& found) {
  if (!found) return found.error().text();
  std::string text = found->moment.txid.text() + " " + std::to_string(found->moment.time_ms);
  if (found->next) text += ", " + found->next->txid.text() + std::to_string(found->next->time_ms);
  return text;
}

std::string text_of(const Result<HistorySummary>& summary) {
  if (!summary) return summary.error().text();
  std::string text =
      std::to_string(summary->images) + " images, " + std::to_string(summary->bytes) + " bytes";
  if (summary->first) {
    text += ", from " + summary->first->max_txid.text() + " of " +
            std::to_string(summary->first->timestamp_ms);
  }
  if (summary->last) {
    text += ", to " + summary->last->pos().text() + " of " +
            std::to_string(summary->last->timestamp_ms) + ", " +
            std::to_string(summary->last->commit) + " pages of " +
            std::to_string(summary->last->page_size);
  }
  return text;
}

Result<FoundMoment> in_list(const HistorySource& source, const Point& point, const Now& now) {
  LT_ASSIGN(const std::vector<Moment> all, source.moments());
  LT_ASSIGN(const Moment moment, resolve_point(point, all, now));
  const auto next = std::ranges::upper_bound(all, moment.txid, {}, &Moment::txid);
  if (next == all.end()) return FoundMoment{moment, std::nullopt};
  return FoundMoment{moment, *next};
}

std::vector<Point> points_of(const RandomHistory& folder) {
  std::vector<Point> points;
  for (std::uint64_t n = 0; n <= folder.last().value + 1; ++n) {
    points.push_back({Point::Kind::kLatest, n});
    if (n > 0) points.push_back({Point::Kind::kTxid, 0, Txid{n}});
    points.push_back({Point::Kind::kTime, 0, {}, kFirstMs - 1500 + 500 * std::int64_t(n)});
  }
  return points;
}

}  // namespace

TEST_CASE("find in files: whatever the files, what a list of all images says") {
  const TimeZone utc([](std::int64_t) { return 0; });
  for (unsigned seed = 1; seed <= 150; ++seed) {
    INFO("seed " << seed);
    const RandomHistory folder(seed);
    const Job job{posix_env()};
    const Now now{kFirstMs + 30'000, utc};
    const auto source = open_source(job, folder.place());
    if (!source) FAIL(source.error().text());
    for (const Point& point : points_of(folder)) {
      INFO(static_cast<int>(point.kind)
           << " " << point.back << " " << point.txid.text() << " " << point.time_ms);
      CHECK(text_of((*source)->find(point, now)) == text_of(in_list(**source, point, now)));
    }
    const auto stretches = stretches_of_files(job, folder.path());
    if (!stretches) FAIL(stretches.error().text());
    REQUIRE(*stretches);
    CHECK(text_of(**stretches) == text_of(find_stretches(find_steps(*(*source)->images()))));
    CHECK(text_of(summarize_history(job.env, folder.path(), Look::kEnds)) ==
          text_of(summarize_history(job.env, folder.path(), Look::kEveryImage)));
  }
}

TEST_CASE("find in files: where files overlap, the same on the way back") {
  RandomHistory folder(3);
  const Job job{posix_env()};
  const TimeZone utc([](std::int64_t) { return 0; });
  const auto runs = find_file_runs(posix_env(), kCwd, folder.path());
  REQUIRE(runs);
  REQUIRE(*runs);
  const FileRun& last = (*runs)->back();
  write_file(folder.dir().file(compacted_name(last.first, last.last, last.images)),
             read_file(last.path));
  CHECK(!*find_file_runs(posix_env(), kCwd, folder.path()));
  CHECK(!*stretches_of_files(job, folder.path()));
  // Of the file that is there twice, the one that has replaced the other counts.
  const auto ends = summarize_history(job.env, folder.path(), Look::kEnds);
  const auto all = summarize_history(job.env, folder.path(), Look::kEveryImage);
  REQUIRE(ends);
  REQUIRE(all);
  CHECK(ends->images + last.images == all->images);
  CHECK(ends->first->max_txid == all->first->max_txid);
  CHECK(ends->last->pos() == all->last->pos());
  const auto source = open_source(job, folder.place());
  REQUIRE(source);
  const Now now{kFirstMs + 30'000, utc};
  for (const Point& point : points_of(folder)) {
    CHECK(text_of((*source)->find(point, now)) == text_of(in_list(**source, point, now)));
  }
}

TEST_CASE("find in files: of many files one is read") {
  const TempDir dir;
  constexpr std::uint64_t kFiles = 20;
  constexpr std::uint64_t kImages = 100;
  LtxChain chain(kPageSize);
  for (std::uint64_t file = 0; file < kFiles; ++file) {
    Buffer bytes;
    for (std::uint64_t i = 0; i < kImages; ++i) {
      const Buffer image = chain.commit({{1, mixed_page(kPageSize, i)}}, 1);
      bytes.insert(bytes.end(), image.begin(), image.end());
    }
    write_file(dir.file(segment_name(Txid{file * kImages + 1})), bytes);
  }
  HookedEnv env;
  std::uint64_t reads = 0;
  env.on_read = [&](const std::string&, std::size_t) { ++reads; };
  const Job job{env};
  const TimeZone utc([](std::int64_t) { return 0; });
  const SourcePlace place{SourceKind::kLitetool, "h", {dir.path()}};
  for (const Point& point : {Point{}, Point{Point::Kind::kTxid, 0, Txid{1050}},
                             Point{Point::Kind::kTime, 0, {}, 1'700'000'500'000}}) {
    reads = 0;
    const auto source = open_source(job, place);
    REQUIRE(source);
    REQUIRE((*source)->find(point, Now{1'800'000'000'000, utc}));
    CHECK(reads < kFiles * 12);
  }
  reads = 0;
  const auto stretches = stretches_of_files(job, dir.path());
  REQUIRE(stretches);
  REQUIRE(*stretches);
  REQUIRE((*stretches)->size() == 1);
  CHECK((*stretches)->front().points == kFiles * kImages);
  CHECK(reads < kFiles * 12);
  reads = 0;
  const auto summary = summarize_history(env, dir.path(), Look::kEnds);
  REQUIRE(summary);
  CHECK(summary->images == kFiles * kImages);
  CHECK(reads < kFiles * 12);
}

}  // namespace litetool::test
