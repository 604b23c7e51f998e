#include "core/source/history_source.h"

#include <algorithm>

#include "core/source/ltx_files.h"
#include "core/source/mounted_history.h"

namespace litetool {

Result<FoundMoment> HistorySource::find(const Point& named, const Now& now) const {
  Point point = named;
  if (named.kind == Point::Kind::kTag) {
    LT_ASSIGN(const std::vector<Tag> names, tags());
    LT_ASSIGN(point, resolve_tag(named, names));
  }
  LT_ASSIGN(const auto found, find_quickly(point, now));
  if (found) return *found;
  LT_ASSIGN(const std::vector<Moment> all, moments());
  if (all.empty() && hole()) return *hole();
  LT_ASSIGN(const Moment moment, resolve_point(point, all, now));
  const bool asked_for = point.kind == Point::Kind::kTxid || point.back != 0;
  if (hole() && !asked_for && moment == all.back()) return *hole();
  const auto next = std::ranges::upper_bound(all, moment.txid, {}, &Moment::txid);
  return FoundMoment{moment, next == all.end() ? std::nullopt : std::optional<Moment>(*next)};
}

Result<FoundMoment> HistorySource::latest() const {
  // What time it is does not matter to it.
  const TimeZone utc([](std::int64_t) { return 0; });
  return find(Point{}, Now{0, utc});
}

Result<std::shared_ptr<const ImageChain>> HistorySource::chain_to(const FoundMoment& goal) const {
  LT_ASSIGN(auto chain, find_chain(goal));
  LT_TRY(check_commit(*chain));
  return chain;
}

Result<std::optional<FoundMoment>> HistorySource::find_quickly(const Point&, const Now&) const {
  return std::optional<FoundMoment>();
}

Result<std::unique_ptr<HistorySource>> open_source(const Job& job, const SourcePlace& place) {
  if (place.kind == SourceKind::kLitestream3) {
    return Error(Errc::kUnsupported, place.name +
                                         " is a replica of Litestream 0.3, which has no "
                                         "transactions: it can only be restored");
  }
  if (place.kind != SourceKind::kLitetool) return open_ltx_files(job, place.folders);
  return open_mounted_history(job, place.folders.front());
}

}  // namespace litetool
