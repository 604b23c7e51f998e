#include "core/source/ltx_files.h"

#include <algorithm>
#include <set>
#include <utility>

#include "core/ltx/compact.h"

namespace litetool {
namespace {

class LtxFiles : public HistorySource {
 public:
  explicit LtxFiles(std::vector<ImageRef> images) : images_(std::move(images)) {
    std::ranges::stable_sort(images_, {}, [](const ImageRef& r) {
      return std::pair(r.header.max_txid, r.header.min_txid);
    });
    for (const ImageRef& image : images_) by_min_.push_back(&image);
    std::ranges::stable_sort(by_min_, {}, [](const ImageRef* r) { return r->header.min_txid; });
    find_moments();
  }

  Result<std::vector<Moment>> moments() const override { return moments_; }
  std::optional<Error> hole() const override { return hole_; }
  Result<std::vector<ImageRef>> images() const override { return images_; }

 private:
  using Order = std::vector<const ImageRef*>;

  Result<std::shared_ptr<const ImageChain>> find_chain(Txid txid) const override {
    std::vector<ImageRef> chain;
    const ImageRef* step = last_snapshot(txid);
    auto next = by_min_.begin();
    while (step != nullptr) {
      chain.push_back(*step);
      step = largest_step(next, chain.back().header.max_txid, txid);
    }
    if (chain.empty() || chain.back().header.max_txid != txid) {
      return Error(Errc::kNotFound, "no files lead to transaction " + txid.text());
    }
    ltx::MergeRules rules;
    rules.allow_overlaps = true;
    rules.drop_checksums = true;  // of the plan, which nobody writes: files may be mixed
    LT_TRY(plan_images(chain, rules));
    return make_chain(std::move(chain));
  }

  void find_moments() {
    std::set<Txid> reached;
    for (const ImageRef& image : images_) {
      const ltx::Header& h = image.header;
      const auto from = reached.lower_bound(Txid{h.min_txid.value - 1});
      const bool follows = from != reached.end() && *from < h.max_txid;
      if (!h.is_snapshot() && !follows) continue;
      reached.insert(h.max_txid);
      add_moment({h.max_txid, h.timestamp_ms});
    }
    if (images_.empty()) return;
    if (moments_.empty() || images_.back().header.max_txid > moments_.back().txid) {
      hole_ = describe_hole();
    }
  }

  void add_moment(const Moment& moment) {
    if (moments_.empty() || moments_.back().txid != moment.txid) {
      moments_.push_back(moment);
    } else {
      moments_.back().time_ms = earliest_time(moments_.back().time_ms, moment.time_ms);
    }
  }

  Error describe_hole() const {
    if (moments_.empty()) {
      return Error(Errc::kBrokenChain,
                   "no file is a snapshot (one that begins with transaction "
                   "1): the oldest is " +
                       images_.front().name());
    }
    const Txid last = moments_.back().txid;
    const auto next =
        std::ranges::find_if(images_, [&](const ImageRef& r) { return r.header.max_txid > last; });
    return Error(Errc::kBrokenChain, "transactions are missing between " + last.text() + " and " +
                                         next->name() + ", which starts at " +
                                         next->header.min_txid.text() + " (use --at " +
                                         last.text() + " for the state before)");
  }

  const ImageRef* last_snapshot(Txid goal) const {
    const ImageRef* best = nullptr;
    for (const ImageRef& image : images_) {
      if (image.header.max_txid > goal) break;
      if (image.header.is_snapshot()) best = &image;
    }
    return best;
  }

  // Of the files from `next` on that begin at or before what follows `at`, the one that reaches
  // farthest, though not beyond `goal`; of several, the widest. `next` moves behind them: farther
  // steps need none of them again.
  const ImageRef* largest_step(Order::const_iterator& next, Txid at, Txid goal) const {
    const ImageRef* best = nullptr;
    for (; next != by_min_.end() && (*next)->header.min_txid.value - 1 <= at.value; ++next) {
      const Txid max = (*next)->header.max_txid;
      if (max <= at || max > goal) continue;
      if (best == nullptr || max > best->header.max_txid) best = *next;
    }
    return best;
  }

  std::vector<ImageRef> images_;  // by last TXID, the widest first
  Order by_min_;                  // by first TXID
  std::vector<Moment> moments_;
  std::optional<Error> hole_;
};

}  // namespace

Result<std::unique_ptr<HistorySource>> open_ltx_files(const Job& job,
                                                      const std::vector<std::string>& paths) {
  LT_ASSIGN(std::vector<ImageRef> images, find_images(job, paths));
  return make_ltx_source(std::move(images));
}

std::unique_ptr<HistorySource> make_ltx_source(std::vector<ImageRef> images) {
  return std::make_unique<LtxFiles>(std::move(images));
}

}  // namespace litetool
