#include "core/past/changed_pages.h"

#include <algorithm>
#include <iterator>
#include <numeric>

namespace litetool {
namespace {

// Of the given pages, ascending, those that differ, or that only one has.
Result<std::vector<Pgno>> really_changed(const Job& job, PageSource& before, PageSource& after,
                                         const std::vector<Pgno>& candidates) {
  const Pgno common = std::min(before.page_count(), after.page_count());
  std::vector<Pgno> changed;
  for (const Pgno pgno : candidates) {
    LT_TRY(job.check());
    if (pgno <= common) {
      LT_ASSIGN(const Bytes a, before.page(pgno));
      LT_ASSIGN(const Bytes b, after.page(pgno));
      if (std::ranges::equal(a, b)) continue;
    }
    changed.push_back(pgno);
  }
  return changed;
}

bool same_image(const ImageRef& a, const ImageRef& b) {
  return a.path == b.path && a.offset == b.offset && a.size == b.size;
}

// The last state that both chains go through with the same image; 0 where there is none.
Result<Txid> last_shared_state(const ImageChain& a, const ImageChain& b) {
  LT_ASSIGN(const auto walk_a, a.walk());
  LT_ASSIGN(const auto walk_b, b.walk());
  LT_ASSIGN(auto x, walk_a->next());
  LT_ASSIGN(auto y, walk_b->next());
  while (x && y && !same_image(*x, *y)) {
    if (x->header.max_txid >= y->header.max_txid) {
      LT_ASSIGN(x, walk_a->next());
    } else {
      LT_ASSIGN(y, walk_b->next());
    }
  }
  return x && y ? x->header.max_txid : Txid{0};
}

std::vector<Pgno> united(const std::vector<Pgno>& a, const std::vector<Pgno>& b) {
  std::vector<Pgno> all;
  std::ranges::set_union(a, b, std::back_inserter(all));
  return all;
}

}  // namespace

std::vector<Pgno> pages_between(Pgno first, Pgno last) {
  std::vector<Pgno> pages(last < first ? 0 : last - first + 1);
  std::iota(pages.begin(), pages.end(), first);
  return pages;
}

Result<std::vector<Pgno>> changed_pages(const Job& job, PastDatabase& before, PastDatabase& after) {
  LT_ASSIGN(const Txid shared, last_shared_state(before.chain(), after.chain()));
  LT_ASSIGN(const std::vector<Pgno> written_before, before.pages_since(shared));
  LT_ASSIGN(const std::vector<Pgno> written_after, after.pages_since(shared));
  return changed_pages(job, before, after, united(written_before, written_after));
}

Result<std::vector<Pgno>> changed_pages(const Job& job, PageSource& before, PageSource& after) {
  const Pgno larger = std::max(before.page_count(), after.page_count());
  if (before.page_size() != after.page_size()) return pages_between(1, larger);
  return really_changed(job, before, after, pages_between(1, larger));
}

Result<std::vector<Pgno>> changed_pages(const Job& job, PageSource& before, PageSource& after,
                                        const std::vector<Pgno>& written) {
  const Pgno smaller = std::min(before.page_count(), after.page_count());
  const Pgno larger = std::max(before.page_count(), after.page_count());
  const std::vector<Pgno> candidates = united(written, pages_between(smaller + 1, larger));
  if (before.page_size() != after.page_size()) return candidates;
  return really_changed(job, before, after, candidates);
}

}  // namespace litetool
