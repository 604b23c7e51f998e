#include "core/source/ltx_files.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "core/ltx/compact.h"
#include "core/ltx/file_set.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

// What is looked at: all images, or those that were there at an instant.
using MadeBy = std::optional<std::int64_t>;

// When each image, ascending by last TXID, was there at the latest. Where clocks went backwards, a
// transaction was there before what follows it. Not so a snapshot, which may be made of a state
// that was followed long ago.
std::vector<std::int64_t> find_times_made(const std::vector<ImageRef>& images) {
  std::vector<std::int64_t> made_ms(images.size());
  std::int64_t following_ms = std::numeric_limits<std::int64_t>::max();
  for (std::size_t i = images.size(); i > 0; --i) {
    const ltx::Header& h = images[i - 1].header;
    made_ms[i - 1] = h.timestamp_ms;
    if (h.is_snapshot() && h.max_txid.value != 1) continue;
    if (h.timestamp_ms != 0) following_ms = std::min(following_ms, h.timestamp_ms);
    made_ms[i - 1] = std::min(h.timestamp_ms, following_ms);
  }
  return made_ms;
}

// The states that images lead to, and what is missing behind the last.
struct Reached {
  std::vector<Moment> moments;
  std::optional<Error> hole;
};

// A file that cannot be read; its name says what would be in it.
struct UnreadFile {
  ltx::TxidRange range;
  Error error;
};

struct FolderImages {
  std::vector<ImageRef> images;
  std::vector<UnreadFile> unread;
};

Result<FolderImages> look_for_images(const Job& job, const std::vector<std::string>& paths) {
  const FileSet set = collect_files(job.env, paths);
  if (!set.unread.empty()) return set.unread.front().error;
  FolderImages found;
  for (const LtxFile& file : set.files) {
    LT_TRY(job.check());
    auto images = list_images(job, file.path);
    if (images) {
      std::ranges::move(*images, std::back_inserter(found.images));
      continue;
    }
    if (is_gone(file, images.error())) continue;
    const auto range = ltx::parse_file_name(file.name());
    if (file.named || !range) return std::move(images).error();
    found.unread.push_back({*range, std::move(images).error()});
  }
  if (!found.images.empty()) return found;
  if (!found.unread.empty()) return found.unread.front().error;
  return Error(Errc::kNotFound, "no LTX files in " + join(paths, ", "));
}

class LtxFiles : public HistorySource {
 public:
  explicit LtxFiles(std::vector<ImageRef> images, std::vector<UnreadFile> unread = {})
      : images_(std::move(images)), unread_(std::move(unread)) {
    std::ranges::stable_sort(images_, {}, [](const ImageRef& r) {
      return std::pair(r.header.max_txid, r.header.min_txid);
    });
    for (const ImageRef& image : images_) by_min_.push_back(&image);
    std::ranges::stable_sort(by_min_, {}, [](const ImageRef* r) { return r->header.min_txid; });
    made_ms_ = find_times_made(images_);
    reached_ = reach({});
    const Txid last = reached_.moments.empty() ? Txid{} : reached_.moments.back().txid;
    if (const UnreadFile* const file = unread_between(last, {})) reached_.hole = file->error;
  }

  Result<std::vector<Moment>> moments() const override { return reached_.moments; }
  std::optional<Error> hole() const override { return reached_.hole; }
  Result<std::vector<ImageRef>> images() const override {
    for (const UnreadFile& file : unread_) {
      if (!is_moment(file.range.max)) return file.error;
    }
    return images_;
  }

 private:
  using Order = std::vector<const ImageRef*>;

  // An instant means what the images say that were there by then, as it does to Litestream.
  Result<std::optional<FoundMoment>> find_quickly(const Point& point,
                                                  const Now& now) const override {
    if (point.kind != Point::Kind::kTime || reached_.moments.empty()) {
      return std::optional<FoundMoment>();
    }
    LT_TRY(resolve_point(point, reached_.moments, now));
    const Reached then = reach(point.time_ms);
    if (then.hole) return *then.hole;
    LT_ASSIGN(const Moment moment, resolve_point(point, then.moments, now));
    const std::optional<Moment> next = after(moment);
    if (const UnreadFile* const file = unread_between(moment.txid, next)) return file->error;
    return std::optional(FoundMoment{moment, next, point.time_ms});
  }

  bool is_moment(Txid txid) const {
    return std::ranges::binary_search(reached_.moments, txid, {}, &Moment::txid);
  }

  // What may hold states between a moment and the one behind it.
  const UnreadFile* unread_between(Txid txid, const std::optional<Moment>& next) const {
    for (const UnreadFile& file : unread_) {
      if (file.range.max > txid && (!next || file.range.max < next->txid)) return &file;
    }
    return nullptr;
  }

  std::optional<Moment> after(const Moment& moment) const {
    const auto next = std::ranges::upper_bound(reached_.moments, moment.txid, {}, &Moment::txid);
    return next == reached_.moments.end() ? std::nullopt : std::optional<Moment>(*next);
  }

  Result<std::shared_ptr<const ImageChain>> find_chain(const FoundMoment& goal) const override {
    const Txid txid = goal.moment.txid;
    std::vector<ImageRef> chain;
    const ImageRef* step = last_snapshot(goal);
    auto next = by_min_.begin();
    while (step != nullptr) {
      chain.push_back(*step);
      step = largest_step(next, chain.back().header.max_txid, goal);
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

  bool was_made(const ImageRef& image, MadeBy by_ms) const {
    return !by_ms || made_ms_[static_cast<std::size_t>(&image - images_.data())] <= *by_ms;
  }

  Reached reach(MadeBy by_ms) const {
    Reached found;
    std::set<Txid> ends;
    const ImageRef* oldest = nullptr;
    const ImageRef* last = nullptr;
    for (const ImageRef& image : images_) {
      if (!was_made(image, by_ms)) continue;
      if (oldest == nullptr) oldest = &image;
      last = &image;
      const ltx::Header& h = image.header;
      const auto from = ends.lower_bound(Txid{h.min_txid.value - 1});
      const bool follows = from != ends.end() && *from < h.max_txid;
      if (!h.is_snapshot() && !follows) continue;
      ends.insert(h.max_txid);
      add_moment(found.moments, {h.max_txid, h.timestamp_ms});
    }
    if (last == nullptr) return found;
    if (found.moments.empty()) {
      found.hole = no_snapshot(*oldest, by_ms);
    } else if (last->header.max_txid > found.moments.back().txid) {
      found.hole = missing_after(found.moments.back().txid, by_ms);
    }
    return found;
  }

  static void add_moment(std::vector<Moment>& moments, const Moment& moment) {
    if (moments.empty() || moments.back().txid != moment.txid) {
      moments.push_back(moment);
    } else {
      moments.back().time_ms = earliest_time(moments.back().time_ms, moment.time_ms);
    }
  }

  static Error no_snapshot(const ImageRef& oldest, MadeBy by_ms) {
    if (by_ms) {
      return Error(Errc::kBrokenChain,
                   "no snapshot (a file that begins with transaction 1) was made by then: the "
                   "oldest file of that time is " +
                       oldest.name() + " (--at TXID takes later snapshots too)");
    }
    return Error(Errc::kBrokenChain,
                 "no file is a snapshot (one that begins with transaction "
                 "1): the oldest is " +
                     oldest.name());
  }

  Error missing_after(Txid last, MadeBy by_ms) const {
    const auto next = std::ranges::find_if(
        images_, [&](const ImageRef& r) { return r.header.max_txid > last && was_made(r, by_ms); });
    return Error(Errc::kBrokenChain, "transactions are missing between " + last.text() + " and " +
                                         next->name() + ", which starts at " +
                                         next->header.min_txid.text() + " (use --at " +
                                         last.text() + " for the state before)");
  }

  const ImageRef* last_snapshot(const FoundMoment& goal) const {
    const ImageRef* best = nullptr;
    for (const ImageRef& image : images_) {
      if (image.header.max_txid > goal.moment.txid) break;
      if (image.header.is_snapshot() && was_made(image, goal.made_by_ms)) best = &image;
    }
    return best;
  }

  // Of the files from `next` on that begin at or before what follows `at`, the one that reaches
  // farthest, though not beyond `goal`; of several, the widest. `next` moves behind them: farther
  // steps need none of them again.
  const ImageRef* largest_step(Order::const_iterator& next, Txid at,
                               const FoundMoment& goal) const {
    const ImageRef* best = nullptr;
    for (; next != by_min_.end() && (*next)->header.min_txid.value - 1 <= at.value; ++next) {
      const Txid max = (*next)->header.max_txid;
      if (max <= at || max > goal.moment.txid || !was_made(**next, goal.made_by_ms)) continue;
      if (best == nullptr || max > best->header.max_txid) best = *next;
    }
    return best;
  }

  std::vector<ImageRef> images_;       // by last TXID, the widest first
  std::vector<std::int64_t> made_ms_;  // of each
  Order by_min_;                       // by first TXID
  std::vector<UnreadFile> unread_;
  Reached reached_;
};

}  // namespace

Result<std::unique_ptr<HistorySource>> open_ltx_files(const Job& job,
                                                      const std::vector<std::string>& paths) {
  LT_ASSIGN(FolderImages found, look_for_images(job, paths));
  std::unique_ptr<HistorySource> source =
      std::make_unique<LtxFiles>(std::move(found.images), std::move(found.unread));
  return source;
}

std::unique_ptr<HistorySource> make_ltx_source(std::vector<ImageRef> images) {
  return std::make_unique<LtxFiles>(std::move(images));
}

}  // namespace litetool
