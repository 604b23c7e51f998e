// What retention decides, without a disk.
#include "core/history/retention.h"

#include <catch2/catch.hpp>

#include "core/history/layout.h"

namespace litetool::test {
namespace {

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::int64_t kNow = 1'800'000'000'000;

HistoryImage image(std::uint64_t txid, std::int64_t age_ms) {
  HistoryImage i;
  i.min_txid = i.max_txid = Txid{txid};
  i.timestamp_ms = kNow - age_ms;
  i.commit = 1;
  i.size = 100;
  return i;
}

std::set<Txid> txids(std::initializer_list<std::uint64_t> values) {
  std::set<Txid> set;
  for (const std::uint64_t value : values) set.insert(Txid{value});
  return set;
}

std::set<Txid> txids_between(std::uint64_t from, std::uint64_t to) {
  std::set<Txid> set;
  for (std::uint64_t value = from; value <= to; ++value) set.insert(Txid{value});
  return set;
}

KeptPoints kept_points(const std::set<Txid>& points) {
  KeptPoints kept;
  kept.listed = points;
  kept.newest = *points.rbegin();
  return kept;
}

// Of `images`, ascending.
std::set<Txid> points_to_keep(const std::vector<HistoryImage>& images,
                              const std::set<Txid>& tagged = {}) {
  const RetentionPolicy policy;
  KeepRule rule(policy, tagged, kNow);
  std::set<Txid> kept;
  for (auto image = images.rbegin(); image != images.rend(); ++image) {
    if (rule.keeps(*image)) kept.insert(image->max_txid);
  }
  return kept;
}

// Images of TXIDs `from`..`to`, a file of 1 MiB, of which all points are kept.
HistoryFile segment(std::uint64_t from, std::uint64_t to) {
  HistoryFile file;
  file.name = segment_name(Txid{from});
  file.size = std::uint64_t{1} << 20;
  file.start = file.first = Txid{from};
  file.last = Txid{to};
  file.images = file.groups = to - from + 1;
  file.commit = 1;
  return file;
}

HistoryFile base(std::uint64_t to) {
  HistoryFile file = segment(to, to);
  file.name = ltx::file_name({Txid{1}, Txid{to}});
  file.is_base = file.begins_with_snapshot = true;
  return file;
}

TEST_CASE("every transaction, then minutes, then hours", "[history]") {
  const std::vector<HistoryImage> images = {image(1, 40 * kDay),  // too old
                                            image(2, 10 * kDay + 2 * kMinute),
                                            image(3, 10 * kDay),  // of one hour, perhaps
                                            image(4, 9 * kDay),   //
                                            image(5, 2 * kDay + 1000),
                                            image(6, 2 * kDay),  // of one minute, perhaps
                                            image(7, 2 * kDay - 2 * kMinute),  // of another
                                            image(8, kHour),
                                            image(9, kHour),
                                            image(10, 0)};  // young
  const auto kept = points_to_keep(images);
  CHECK_FALSE(kept.contains(Txid{1}));
  CHECK(kept.contains(Txid{3}));
  CHECK(kept.contains(Txid{4}));
  CHECK(kept.contains(Txid{6}));
  CHECK(kept.contains(Txid{7}));
  for (const std::uint64_t young : {8, 9, 10}) CHECK(kept.contains(Txid{young}));
}

TEST_CASE("of a minute and of an hour the last transaction stays", "[history]") {
  std::vector<HistoryImage> images;
  const std::int64_t minute = kNow - 2 * kDay - (kNow - 2 * kDay) % kMinute;  // a full one
  for (std::uint64_t i = 0; i < 60; ++i) {
    images.push_back(image(i + 1, 0));
    images.back().timestamp_ms = minute + static_cast<std::int64_t>(i) * 1000;
  }
  images.push_back(image(61, 0));
  CHECK(points_to_keep(images) == txids({60, 61}));
  const std::int64_t hour = kNow - 10 * kDay - (kNow - 10 * kDay) % kHour;
  for (std::uint64_t i = 0; i < 60; ++i) {
    images[i].timestamp_ms = hour + static_cast<std::int64_t>(i) * kMinute;
  }
  CHECK(points_to_keep(images) == txids({60, 61}));
}

TEST_CASE("tags and the newest point stay, however old", "[history]") {
  const std::vector<HistoryImage> images = {image(1, 90 * kDay), image(2, 80 * kDay),
                                            image(3, 70 * kDay)};
  CHECK(points_to_keep(images) == txids({3}));
  CHECK(points_to_keep(images, txids({1})) == txids({1, 3}));
}

TEST_CASE("a rewrite is planned only where it halves the images", "[history]") {
  HistoryFile file = segment(11, 20);
  file.groups = 5;
  CHECK(plan_retention({file}, {}, kept_points(txids({11, 20})), kNow).rewrites.size() == 1);
  file.ends_open = true;  // with one more image, for what is behind the last point
  CHECK(plan_retention({file}, {}, kept_points(txids({11, 20})), kNow).rewrites.empty());
  file.groups = 4;
  CHECK(plan_retention({file}, {}, kept_points(txids({11, 20})), kNow).rewrites.size() == 1);
}

TEST_CASE("many small files become one, but never too large a one", "[history]") {
  std::vector<HistoryFile> files;
  for (std::uint64_t i = 0; i < 100; ++i) files.push_back(segment(10 * i + 1, 10 * i + 10));
  const auto plan = plan_retention(files, {}, kept_points(txids_between(1, 1000)), kNow);
  REQUIRE(plan.rewrites.size() == 2);
  CHECK(plan.rewrites[0].size() == 64);
  CHECK(plan.rewrites[1].size() == 36);
  CHECK(plan.new_base == Txid{});
}

TEST_CASE("a snapshot in the middle stands alone, and nothing is merged into it", "[history]") {
  std::vector<HistoryImage> images;
  for (std::uint64_t txid = 11; txid <= 16; ++txid) images.push_back(image(txid, 0));
  images[3].min_txid = Txid{1};
  const auto groups = group_images(images, kept_points(txids({16})));
  REQUIRE(groups.size() == 3);
  CHECK(groups[0].size() == 3);
  CHECK(groups[1].size() == 1);
  CHECK(groups[2].size() == 2);
}

TEST_CASE("the base moves where a file ends, when that frees as much as it takes", "[history]") {
  const std::vector<HistoryFile> files = {segment(1, 10), segment(11, 20), segment(21, 30)};
  CHECK(plan_retention(files, {}, kept_points(txids({25, 30})), kNow).new_base == Txid{20});
  CHECK(plan_retention(files, {}, kept_points(txids({5, 30})), kNow).new_base == Txid{});
  std::vector<HistoryFile> heavy = files;
  heavy.insert(heavy.begin() + 1, base(10));
  heavy[1].size = std::uint64_t{1} << 30;  // of a large database: 1 MiB is not worth a rewrite
  CHECK(plan_retention(heavy, {}, kept_points(txids({25, 30})), kNow).new_base == Txid{});
}

TEST_CASE("no file is merged over the end of a new base", "[history]") {
  std::vector<HistoryFile> files = {base(10)};
  for (std::uint64_t i = 1; i < 20; ++i) files.push_back(segment(10 * i + 1, 10 * i + 10));
  const auto plan = plan_retention(files, {}, kept_points(txids_between(55, 200)), kNow);
  CHECK(plan.new_base == Txid{50});
  REQUIRE(plan.rewrites.size() == 1);
  CHECK(plan.rewrites[0].front() == segment_name(Txid{51}));
  CHECK(plan.rewrites[0].size() == 15);
}

TEST_CASE("what replaces files must follow on, and be followed, before they go", "[history]") {
  RetentionPolicy policy;
  policy.grace_ms = 0;
  HistoryFile merged = segment(11, 60);
  merged.name = compacted_name(Txid{11}, Txid{60}, 20);
  merged.images = 20;
  const KeptPoints kept = kept_points(txids({60, 90}));
  SECTION("merged over the end of a base: all that leads there stays") {
    const std::vector<HistoryFile> files = {segment(1, 10),  segment(11, 30), base(30),
                                            segment(31, 60), merged,          segment(61, 90)};
    CHECK(plan_retention(files, policy, kept, kNow).removals.empty());
  }
  SECTION("merged behind it: what both replace goes") {
    const std::vector<HistoryFile> files = {segment(1, 10),  base(10), segment(11, 30),
                                            segment(31, 60), merged,   segment(61, 90)};
    CHECK(plan_retention(files, policy, kept, kNow).removals.size() == 3);
  }
}

TEST_CASE("a size cap takes no point that has a tag", "[history]") {
  const std::vector<HistoryFile> files = {segment(1, 10), segment(11, 20), segment(21, 30)};
  RetentionPolicy policy;
  policy.size_cap = 1;
  KeptPoints kept = kept_points(txids_between(1, 30));
  CHECK(plan_retention(files, policy, kept, kNow).new_base == Txid{20});
  kept.oldest_tagged = Txid{15};
  CHECK(plan_retention(files, policy, kept, kNow).new_base == Txid{10});
  kept.oldest_tagged = Txid{5};
  CHECK(plan_retention(files, policy, kept, kNow).new_base == Txid{});
}

TEST_CASE("a snapshot that has a segment to itself is not copied to become the base", "[history]") {
  std::vector<HistoryFile> files = {segment(1, 1), segment(2, 10), segment(11, 20)};
  files[0].begins_with_snapshot = true;
  files[0].size = std::uint64_t{1} << 30;
  CHECK(plan_retention(files, {}, kept_points(txids_between(1, 21)), kNow).new_base == Txid{});
  // Once what follows it goes as well, and that is as much, it does become one, with that.
  CHECK(plan_retention(files, {}, kept_points(txids_between(10, 21)), kNow).new_base == Txid{});
  files[0].size = files[1].size;
  CHECK(plan_retention(files, {}, kept_points(txids_between(10, 21)), kNow).new_base == Txid{10});
}

TEST_CASE("of snapshots that each have a segment to themselves the old ones go", "[history]") {
  std::vector<HistoryFile> files = {segment(1, 1), segment(2, 2), segment(3, 3)};
  for (HistoryFile& file : files) file.begins_with_snapshot = true;
  CHECK(plan_retention(files, {}, kept_points(txids({1, 2, 3})), kNow).new_base == Txid{});
  CHECK(plan_retention(files, {}, kept_points(txids({2, 3})), kNow).new_base == Txid{2});
  CHECK(plan_retention(files, {}, kept_points(txids({3})), kNow).new_base == Txid{3});
  const RetentionPolicy capped{.size_cap = std::uint64_t{2} << 20};
  CHECK(plan_retention(files, capped, kept_points(txids({1, 2, 3})), kNow).new_base == Txid{2});
  // The base, which is older than all that is kept, gives way to the snapshot behind it.
  files.insert(files.begin(), base(1));
  CHECK(plan_retention(files, {}, kept_points(txids({2, 3})), kNow).new_base == Txid{2});
}

TEST_CASE("replaced files go after the grace", "[history]") {
  std::vector<HistoryFile> files = {segment(1, 10), base(10), segment(11, 20)};
  HistoryFile made = segment(11, 20);  // 11 to 15, and 16 to 20
  made.name = compacted_name(Txid{15}, Txid{20}, 2);
  made.first = Txid{15};
  made.images = made.groups = 2;
  files.push_back(made);
  CHECK(is_replaced(files[0], files));
  CHECK_FALSE(is_replaced(files[1], files));
  CHECK(is_replaced(files[2], files));
  CHECK_FALSE(is_replaced(made, files));
  RetentionPolicy policy;
  for (HistoryFile& file : files) file.modified_ms = kNow - policy.grace_ms + 1;
  CHECK(plan_retention(files, policy, kept_points(txids({20})), kNow).removals.empty());
  const auto plan = plan_retention(files, policy, kept_points(txids({20})), kNow + 1);
  CHECK(plan.removals == std::vector<std::string>{files[2].name, files[0].name});
}

TEST_CASE("over the size cap the oldest points go, the newest and the base never", "[history]") {
  const std::vector<HistoryFile> files = {segment(1, 10), segment(11, 20), segment(21, 30)};
  KeptPoints kept = kept_points(txids_between(1, 31));
  const bool listed = GENERATE(true, false);
  if (!listed) {
    kept.listed.clear();
    kept.every_from = Txid{1};
    kept.every_count = 31;
  }
  RetentionPolicy policy;
  CHECK(plan_retention(files, policy, kept, kNow).new_base == Txid{});
  policy.size_cap = std::uint64_t{2} << 20;
  CHECK(plan_retention(files, policy, kept, kNow).new_base == Txid{10});
  policy.size_cap = 1;
  CHECK(plan_retention(files, policy, kept, kNow).new_base == Txid{30});
}

TEST_CASE("a base is made of many images at once only where that is what it is worth",
          "[history]") {
  std::vector<HistoryFile> files;
  for (std::uint64_t i = 0; i < 10; ++i)
    files.push_back(segment(i * 100'000 + 1, (i + 1) * 100'000));
  const KeptPoints kept = kept_points(txids({1'000'000}));
  CHECK(plan_retention(files, {}, kept, kNow).new_base == Txid{200'000});
  files.insert(files.begin(), base(0));
  files[0].size = std::uint64_t{6} << 20;
  CHECK(plan_retention(files, {}, kept, kNow).new_base == Txid{600'000});
  files[6].commit = 0;  // no database there
  CHECK(plan_retention(files, {}, kept, kNow).new_base == Txid{700'000});
}

TEST_CASE("kept points: some, every one from a point on, and what comes later", "[history]") {
  KeptPoints kept;
  CHECK_FALSE(kept.oldest());
  kept = kept_points(txids({3, 7}));
  kept.every_from = Txid{10};
  kept.every_count = 11;
  kept.newest = Txid{20};
  CHECK(kept.size() == 13);
  CHECK(kept.oldest() == Txid{3});
  CHECK_FALSE(kept.contains(Txid{9}));
  for (const std::uint64_t point : {3, 7, 10, 15, 20, 21}) CHECK(kept.contains(Txid{point}));
  CHECK(kept.next(Txid{3}) == Txid{7});
  CHECK(kept.next(Txid{7}) == Txid{10});
  CHECK(kept.next(Txid{12}) == Txid{13});
  CHECK_FALSE(kept.next(Txid{20}));
}

}  // namespace
}  // namespace litetool::test
