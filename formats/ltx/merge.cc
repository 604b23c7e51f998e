#include "formats/ltx/merge.h"

#include <utility>

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

}  // namespace

Status MergePlanner::check_pair(const MergeInput& a, const MergeInput& b) const {
  if (a.header.page_size != b.header.page_size) {
    return Error(Errc::kUnsupported, format("page size changes from %u to %u between ",
                                            a.header.page_size, b.header.page_size) +
                                         pair_text(a, b));
  }
  // max + 1 cannot be reached when max is the largest TXID: compare without adding.
  const bool adjoins = b.header.min_txid.value - 1 == a.header.max_txid.value;
  const bool gap = !adjoins && b.header.min_txid > a.header.max_txid;
  if (gap && !rules_.allow_gaps) {
    return Error(Errc::kBrokenChain, "transactions are missing between " + pair_text(a, b));
  }
  if (!adjoins && !gap) {
    if (b.header.max_txid <= a.header.max_txid) {
      return Error(Errc::kBrokenChain, "no new transactions, or not in order: " + pair_text(a, b));
    }
    if (!rules_.allow_overlaps)
      return Error(Errc::kBrokenChain, "transactions overlap: " + pair_text(a, b));
  }
  const bool both_sums = a.header.has_checksums() && b.header.has_checksums();
  if (adjoins && both_sums && rules_.check_links && a.trailer.post_apply != b.header.pre_apply) {
    return Error(Errc::kBrokenChain, "chain breaks between " + pair_text(a, b) +
                                         ": post-apply checksum " + a.trailer.post_apply.text() +
                                         ", next pre-apply " + b.header.pre_apply.text());
  }
  return {};
}

Status MergePlanner::add(MergeInput input) {
  if (last_) LT_TRY(check_pair(*last_, input));
  (input.header.has_checksums() ? any_with_checksums_ : any_without_) = true;
  if (!first_) first_ = input.header;
  last_ = std::move(input);
  return {};
}

Result<MergePlan> MergePlanner::finish() const {
  if (!last_) return Error(Errc::kUsage, "no LTX files to merge");
  if (!is_writable(rules_.variant)) {
    return Error(Errc::kUsage,
                 "LTX " + std::string(variant_name(rules_.variant)) + " is only read, not written");
  }
  if (any_with_checksums_ && any_without_ && !rules_.drop_checksums) {
    return Error(Errc::kUnsupported, "some LTX files have database checksums and some have not");
  }
  const Header& last = last_->header;
  MergePlan plan;
  plan.header.variant = rules_.variant;
  plan.header.flags = rules_.variant == Variant::kV1Lz4 ? kFlagLz4Block : 0;
  plan.header.page_size = first_->page_size;
  plan.header.commit = last.commit;
  plan.header.min_txid = first_->min_txid;
  plan.header.max_txid = last.max_txid;
  plan.header.timestamp_ms = last.timestamp_ms;
  if (any_without_ || rules_.drop_checksums) {
    plan.header.flags |= kFlagNoChecksum;
  } else {
    plan.header.pre_apply = first_->pre_apply;
    plan.post_apply = last_->trailer.post_apply;
  }
  LT_TRY(validate(plan.header));
  return plan;
}

}  // namespace litetool::ltx
