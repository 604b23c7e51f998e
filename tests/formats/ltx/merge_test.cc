#include "formats/ltx/merge.h"

#include <catch2/catch.hpp>

#include "tests/support/ltx_images.h"

namespace litetool {
namespace {

using ltx::MergeInput;
using ltx::MergeRules;
using ltx::Variant;

Checksum sum(std::uint64_t n) {
  return Checksum{Checksum::kFlag | n};
}

MergeInput input(std::uint64_t min, std::uint64_t max, std::uint64_t pre, std::uint64_t post,
                 Pgno commit = 3, std::uint32_t page_size = 1024) {
  MergeInput in;
  in.name = ltx::file_name({Txid{min}, Txid{max}});
  in.header = test::ltx_header(Variant::kV1Raw, page_size, commit, min, max, sum(pre),
                               static_cast<std::int64_t>(max) * 1000);
  in.header.node_id = 77;
  in.header.wal_offset = 32;
  in.header.wal_size = 100;
  in.trailer = {sum(post), sum(99)};
  return in;
}

Result<ltx::MergePlan> plan_of(const std::vector<MergeInput>& inputs, const MergeRules& rules) {
  ltx::MergePlanner planner(rules);
  for (const MergeInput& in : inputs) LT_TRY(planner.add(in));
  return planner.finish();
}

Errc refused(const std::vector<MergeInput>& inputs, const MergeRules& rules = {}) {
  const auto plan = plan_of(inputs, rules);
  REQUIRE_FALSE(plan);
  return plan.error().code;
}

}  // namespace

TEST_CASE("merge: the output takes its header from the first and the last input") {
  const std::vector<MergeInput> inputs = {input(2, 3, 1, 2), input(4, 5, 2, 3),
                                          input(6, 9, 3, 4, 5)};
  MergeRules rules;
  rules.variant = Variant::kV1Lz4;
  const auto plan = plan_of(inputs, rules);
  if (!plan) FAIL(plan.error().text());
  CHECK(plan->header.variant == Variant::kV1Lz4);
  CHECK(plan->header.page_size == 1024);
  CHECK(plan->header.commit == 5);
  CHECK(plan->header.min_txid.value == 2);
  CHECK(plan->header.max_txid.value == 9);
  CHECK(plan->header.pre_apply == sum(1));
  CHECK(plan->post_apply == sum(4));
  CHECK(plan->header.timestamp_ms == 9000);
  CHECK(plan->header.node_id == 0);
  CHECK(plan->header.wal_offset == 0);
  CHECK(plan->header.wal_size == 0);
  MemorySink sink;
  CHECK(ltx::Encoder::start(sink, plan->header));
}

TEST_CASE("merge: runs that do not follow on are refused") {
  CHECK(refused({}) == Errc::kUsage);
  CHECK(refused({input(1, 1, 0, 1), input(3, 3, 1, 2)}) == Errc::kBrokenChain);
  CHECK(refused({input(2, 2, 1, 2), input(1, 1, 0, 1)}) == Errc::kBrokenChain);
  CHECK(refused({input(1, 4, 0, 1), input(3, 6, 1, 2)}) == Errc::kBrokenChain);
  CHECK(refused({input(1, 1, 0, 1), input(2, 2, 7, 2)}) == Errc::kBrokenChain);
  CHECK(refused({input(1, 1, 0, 1), input(2, 2, 1, 2, 3, 512)}) == Errc::kUnsupported);
  MergeRules read_only;
  read_only.variant = Variant::kV020;
  CHECK(refused({input(1, 1, 0, 1)}, read_only) == Errc::kUsage);
}

TEST_CASE("merge: what the switches allow") {
  MergeRules gaps;
  gaps.allow_gaps = true;
  CHECK(plan_of(std::vector{input(1, 2, 0, 1), input(4, 4, 3, 4)}, gaps));
  MergeRules overlaps;
  overlaps.allow_overlaps = true;
  CHECK(plan_of(std::vector{input(1, 4, 0, 1), input(3, 6, 8, 2)}, overlaps));
  CHECK(refused({input(1, 4, 0, 1), input(2, 4, 8, 2)}, overlaps) == Errc::kBrokenChain);
  CHECK(refused({input(1, 4, 0, 1), input(6, 7, 8, 2)}, overlaps) == Errc::kBrokenChain);
  MergeRules loose;
  loose.check_links = false;
  CHECK(plan_of(std::vector{input(1, 1, 0, 1), input(2, 2, 7, 2)}, loose));
  const std::uint64_t top = UINT64_MAX;
  CHECK(refused({input(5, top, 1, 1), input(1, 1, 0, 1)}) == Errc::kBrokenChain);
}

TEST_CASE("merge: files without database checksums") {
  MergeInput without = input(2, 2, 1, 2);
  without.header.flags = ltx::kFlagNoChecksum;
  without.header.pre_apply = {};
  without.trailer.post_apply = {};
  CHECK(refused({input(1, 1, 0, 1), without}) == Errc::kUnsupported);
  MergeRules drop;
  drop.drop_checksums = true;
  const auto dropped = plan_of(std::vector{input(1, 1, 0, 1), without}, drop);
  REQUIRE(dropped);
  CHECK_FALSE(dropped->header.has_checksums());
  CHECK_FALSE(dropped->header.pre_apply.present());
  CHECK_FALSE(dropped->post_apply.present());
  const auto alone = plan_of(std::vector{without}, {});
  REQUIRE(alone);
  CHECK_FALSE(alone->header.has_checksums());
}

}  // namespace litetool
