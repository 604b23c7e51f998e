#include "core/source/steps.h"

#include <algorithm>
#include <set>
#include <utility>

#include "core/source/point.h"

namespace litetool {
namespace {

// The last reached state that the image leads on from: it may begin within what came before.
std::optional<Txid> state_before(const ltx::Header& h, const std::set<Txid>& reached) {
  const auto behind = reached.lower_bound(h.max_txid);
  if (behind == reached.begin()) return std::nullopt;
  const Txid last = *std::prev(behind);
  if (last.value + 1 < h.min_txid.value) return std::nullopt;
  return last;
}

}  // namespace

std::vector<Step> find_steps(std::vector<ImageRef> images) {
  // The widest first: a narrower one that leads to the same state takes its place.
  std::ranges::stable_sort(images, {}, [](const ImageRef& r) {
    return std::pair(r.header.max_txid, r.header.min_txid);
  });
  std::vector<Step> steps;
  std::set<Txid> reached;
  for (ImageRef& image : images) {
    const ltx::Header& h = image.header;
    std::optional<Txid> from = h.is_snapshot() ? std::nullopt : state_before(h, reached);
    if (!from && !h.is_snapshot()) continue;
    std::int64_t time_ms = h.timestamp_ms;
    if (!steps.empty() && steps.back().txid() == h.max_txid) {
      time_ms = earliest_time(steps.back().time_ms, time_ms);
      steps.pop_back();
    }
    // A snapshot that was taken right after a state, of a database with a new page size perhaps.
    if (!from && reached.contains(Txid{h.max_txid.value - 1})) from = Txid{h.max_txid.value - 1};
    reached.insert(h.max_txid);
    steps.push_back({std::move(image), from, time_ms});
  }
  return steps;
}

std::optional<Error> hole_behind(std::span<const Step> steps, Txid newest_image) {
  const Txid last = steps.empty() ? Txid{} : steps.back().txid();
  if (newest_image <= last) return std::nullopt;
  const std::string what = last.value == 0 ? "there is no snapshot that leads to "
                                           : "nothing leads on from " + last.text() + " to ";
  return Error(Errc::kBrokenChain, what + newest_image.text() +
                                       ", which is there: a file is missing or damaged "
                                       "('litetool ltx verify' says where)");
}

}  // namespace litetool
