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

// Images of TXIDs `from`..`to`, a file of 1 MiB.
ClosedFile segment(std::uint64_t from, std::uint64_t to) {
  ClosedFile file{segment_name(Txid{from}), std::uint64_t{1} << 20, 0, {}};
  for (std::uint64_t txid = from; txid <= to; ++txid) file.images.push_back(image(txid, 0));
  return file;
}

ClosedFile base(std::uint64_t to) {
  ClosedFile file{ltx::file_name({Txid{1}, Txid{to}}), std::uint64_t{1} << 20, 0, {image(to, 0)}};
  file.images[0].min_txid = Txid{1};
  return file;
}

std::set<Txid> txids(std::initializer_list<std::uint64_t> values) {
  std::set<Txid> set;
  for (const std::uint64_t value : values) set.insert(Txid{value});
  return set;
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
  const auto kept = points_to_keep(images, {}, {}, kNow);
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
  CHECK(points_to_keep(images, {}, {}, kNow) == txids({60, 61}));
  const std::int64_t hour = kNow - 10 * kDay - (kNow - 10 * kDay) % kHour;
  for (std::uint64_t i = 0; i < 60; ++i) {
    images[i].timestamp_ms = hour + static_cast<std::int64_t>(i) * kMinute;
  }
  CHECK(points_to_keep(images, {}, {}, kNow) == txids({60, 61}));
}

TEST_CASE("tags and the newest point stay, however old", "[history]") {
  const std::vector<HistoryImage> images = {image(1, 90 * kDay), image(2, 80 * kDay),
                                            image(3, 70 * kDay)};
  CHECK(points_to_keep(images, {}, {}, kNow) == txids({3}));
  CHECK(points_to_keep(images, {}, txids({1}), kNow) == txids({1, 3}));
}

TEST_CASE("a rewrite is planned only where it halves the images", "[history]") {
  const std::vector<ClosedFile> files = {segment(11, 20)};
  CHECK(plan_retention(files, {}, txids({12, 14, 16, 18, 20}), kNow).rewrites.size() == 1);
  CHECK(plan_retention(files, {}, txids({11, 12, 14, 16, 18, 20}), kNow).rewrites.empty());
}

TEST_CASE("many small files become one, but never too large a one", "[history]") {
  std::vector<ClosedFile> files;
  std::set<Txid> kept;
  for (std::uint64_t i = 0; i < 100; ++i) {
    files.push_back(segment(10 * i + 1, 10 * i + 10));
    for (std::uint64_t txid = 1; txid <= 10; ++txid) kept.insert(Txid{10 * i + txid});
  }
  const auto plan = plan_retention(files, {}, kept, kNow);
  REQUIRE(plan.rewrites.size() == 2);
  CHECK(plan.rewrites[0].size() == 64);
  CHECK(plan.rewrites[1].size() == 36);
  CHECK(plan.new_base == Txid{});
}

TEST_CASE("a snapshot in the middle stands alone, and nothing is merged into it", "[history]") {
  std::vector<HistoryImage> images = segment(11, 16).images;
  images[3].min_txid = Txid{1};
  const auto groups = group_images(images, txids({16}));
  REQUIRE(groups.size() == 3);
  CHECK(groups[0].size() == 3);
  CHECK(groups[1].size() == 1);
  CHECK(groups[2].size() == 2);
}

TEST_CASE("the base moves where a file ends, when that frees as much as it takes", "[history]") {
  const std::vector<ClosedFile> files = {segment(1, 10), segment(11, 20), segment(21, 30)};
  CHECK(plan_retention(files, {}, txids({25, 30}), kNow).new_base == Txid{20});
  CHECK(plan_retention(files, {}, txids({5, 30}), kNow).new_base == Txid{});
  std::vector<ClosedFile> heavy = files;
  heavy.insert(heavy.begin() + 1, base(10));
  heavy[1].size = std::uint64_t{1} << 30;  // of a large database: 1 MiB is not worth a rewrite
  CHECK(plan_retention(heavy, {}, txids({25, 30}), kNow).new_base == Txid{});
}

TEST_CASE("replaced files go after the grace", "[history]") {
  std::vector<ClosedFile> files = {segment(1, 10), base(10), segment(11, 20)};
  ClosedFile made{compacted_name(Txid{11}, Txid{20}, 2), 1000, 0, {image(15, 0), image(20, 0)}};
  made.images[0].min_txid = Txid{11};
  made.images[1].min_txid = Txid{16};
  files.push_back(made);
  RetentionPolicy policy;
  for (ClosedFile& file : files) file.modified_ms = kNow - policy.grace_ms + 1;
  CHECK(plan_retention(files, policy, txids({20}), kNow).removals.empty());
  const auto plan = plan_retention(files, policy, txids({20}), kNow + 1);
  CHECK(plan.removals == std::vector<std::string>{files[2].name, files[0].name});
}

TEST_CASE("over the size cap the oldest points go, the newest and the base never", "[history]") {
  const std::vector<ClosedFile> files = {segment(1, 10), segment(11, 20), segment(21, 30)};
  std::set<Txid> kept;
  for (std::uint64_t txid = 1; txid <= 31; ++txid) kept.insert(Txid{txid});
  RetentionPolicy policy;
  CHECK(plan_retention(files, policy, kept, kNow).new_base == Txid{});
  policy.size_cap = std::uint64_t{2} << 20;
  CHECK(plan_retention(files, policy, kept, kNow).new_base == Txid{10});
  policy.size_cap = 1;
  CHECK(plan_retention(files, policy, kept, kNow).new_base == Txid{30});
}

}  // namespace
}  // namespace litetool::test
