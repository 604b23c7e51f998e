// What names, heads and ends of files tell about a history, against a list of all its images.
#include "core/source/find_in_files.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "core/history/file_runs.h"
#include "core/history/layout.h"
#include "core/source/history_source.h"
#include "core/source/history_summary.h"
#include "core/source/steps.h"
#include "core/source/stretches.h"
#include "tests/support/hooked_env.h"
#include "tests/support/ltx_images.h"
#include "tests/support/temp_dir.h"

namespace litetool::test {
namespace {

constexpr std::uint32_t kPageSize = 512;
constexpr std::int64_t kFirstMs = 1'700'000'000'000;

// A folder as a mount and compaction leave it.
class Folder {
 public:
  explicit Folder(unsigned seed) : random_(seed) {
    if (random_() % 2 == 0) {
      add(1 + random_() % 5, true);
      flush(ltx::file_name({Txid{1}, points_.back()}));
    }
    const std::size_t files = 1 + random_() % 5;
    for (std::size_t i = 0; i < files; ++i) {
      const bool is_segment = i + 1 == files || random_() % 2 == 0;
      add_file(is_segment);
    }
  }
  const std::string& path() const { return dir_.path(); }
  TempDir& dir() { return dir_; }
  SourcePlace place() const { return {SourceKind::kLitetool, "app.db", {dir_.path()}}; }
  Txid last() const { return Txid{last_}; }

 private:
  void add_file(bool is_segment) {
    const std::size_t images = 1 + random_() % 6;
    points_.clear();
    for (std::size_t i = 0; i < images; ++i) {
      const bool snapshot = last_ == 0 || random_() % 8 == 0;
      const bool one = is_segment || snapshot || random_() % 2 == 0;
      add(one ? 1 : 1 + random_() % 4, snapshot);
    }
    if (is_segment) return flush(segment_name(points_.front()));
    flush(compacted_name(points_.front(), points_.back(), points_.size()));
  }
  // An image of so many transactions.
  void add(std::uint64_t transactions, bool snapshot) {
    const std::uint64_t max = last_ + transactions;
    const Pages pages{{1, mixed_page(kPageSize, max)}};
    ms_ += static_cast<std::int64_t>(random_() % 3) * 1000;
    const auto header = ltx_header(ltx::Variant::kV3Block, kPageSize, 1, snapshot ? 1 : last_ + 1,
                                   max, database_checksum(before_), ms_);
    const Buffer image = make_ltx(header, pages, database_checksum(pages));
    before_ = pages;
    bytes_.insert(bytes_.end(), image.begin(), image.end());
    last_ = max;
    points_.push_back(Txid{max});
  }
  void flush(const std::string& name) {
    write_file(dir_.file(name), bytes_);
    bytes_.clear();
  }

  std::mt19937 random_;
  TempDir dir_;
  Pages before_;
  Buffer bytes_;
  std::vector<Txid> points_;
  std::uint64_t last_ = 0;
  std::int64_t ms_ = kFirstMs;
};

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

}  // namespace

TEST_CASE("find in files: whatever the files, what a list of all images says") {
  const TimeZone utc([](std::int64_t) { return 0; });
  for (unsigned seed = 1; seed <= 150; ++seed) {
    INFO("seed " << seed);
    const Folder folder(seed);
    const Job job{posix_env()};
    const Now now{kFirstMs + 30'000, utc};
    const auto source = open_source(job, folder.place());
    if (!source) FAIL(source.error().text());
    std::vector<Point> points;
    for (std::uint64_t n = 0; n <= folder.last().value + 1; ++n) {
      points.push_back({Point::Kind::kLatest, n});
      if (n > 0) points.push_back({Point::Kind::kTxid, 0, Txid{n}});
      points.push_back({Point::Kind::kTime, 0, {}, kFirstMs - 1500 + 500 * std::int64_t(n)});
    }
    for (const Point& point : points) {
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

TEST_CASE("find in files: files that overlap are listed as a whole") {
  Folder folder(3);
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
  const auto found = (*source)->find({}, Now{kFirstMs, utc});
  REQUIRE(found);
  CHECK(found->moment.txid == folder.last());
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
