#include "formats/ltx/merge.h"

#include "formats/base/text.h"

namespace litetool::ltx {
namespace {

std::string range_text(const Header& h) {
  return h.min_txid.text() + "-" + h.max_txid.text();
}

std::string pair_text(const MergeInput& a, const MergeInput& b) {
  return printable(a.name) + " (" + range_text(a.header) + ") and " + printable(b.name) + " (" +
         range_text(b.header) + ")";
}

Status check_pair(const MergeInput& a, const MergeInput& b, const MergeRules& rules) {
  const std::string pair = pair_text(a, b);
  if (a.header.page_size != b.header.page_size) {
    return Error(Errc::kUnsupported, format("page size changes from %u to %u between ",
                                            a.header.page_size, b.header.page_size) +
                                         pair);
  }
  // max + 1 cannot be reached when max is the largest TXID: compare without adding.
  const bool adjoins = b.header.min_txid.value - 1 == a.header.max_txid.value;
  const bool gap = !adjoins && b.header.min_txid > a.header.max_txid;
  if (gap && !rules.allow_gaps) {
    return Error(Errc::kBrokenChain, "transactions are missing between " + pair);
  }
  if (!adjoins && !gap) {
    if (b.header.max_txid <= a.header.max_txid) {
      return Error(Errc::kBrokenChain, "no new transactions, or not in order: " + pair);
    }
    if (!rules.allow_overlaps) return Error(Errc::kBrokenChain, "transactions overlap: " + pair);
  }
  const bool both_sums = a.header.has_checksums() && b.header.has_checksums();
  if (adjoins && both_sums && rules.check_links && a.trailer.post_apply != b.header.pre_apply) {
    return Error(Errc::kBrokenChain, "chain breaks between " + pair + ": post-apply checksum " +
                                         a.trailer.post_apply.text() + ", next pre-apply " +
                                         b.header.pre_apply.text());
  }
  return {};
}

}  // namespace

Result<MergePlan> plan_merge(std::span<const MergeInput> inputs, const MergeRules& rules) {
  if (inputs.empty()) return Error(Errc::kUsage, "no LTX files to merge");
  if (!is_writable(rules.variant)) {
    return Error(Errc::kUsage,
                 "LTX " + std::string(variant_name(rules.variant)) + " is only read, not written");
  }
  bool any_with = false;
  bool any_without = false;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (i != 0) LT_TRY(check_pair(inputs[i - 1], inputs[i], rules));
    (inputs[i].header.has_checksums() ? any_with : any_without) = true;
  }
  if (any_with && any_without && !rules.drop_checksums) {
    return Error(Errc::kUnsupported, "some LTX files have database checksums and some have not");
  }
  const Header& first = inputs.front().header;
  const Header& last = inputs.back().header;
  MergePlan plan;
  plan.header.variant = rules.variant;
  plan.header.flags = rules.variant == Variant::kV1Lz4 ? kFlagLz4Block : 0;
  plan.header.page_size = first.page_size;
  plan.header.commit = last.commit;
  plan.header.min_txid = first.min_txid;
  plan.header.max_txid = last.max_txid;
  plan.header.timestamp_ms = last.timestamp_ms;
  if (any_without || rules.drop_checksums) {
    plan.header.flags |= kFlagNoChecksum;
  } else {
    plan.header.pre_apply = first.pre_apply;
    plan.post_apply = inputs.back().trailer.post_apply;
  }
  LT_TRY(validate(plan.header));
  return plan;
}

}  // namespace litetool::ltx
