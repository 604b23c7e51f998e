#include "core/rows/touched_pages.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "formats/sqlite/freelist.h"
#include "formats/sqlite/overflow.h"
#include "formats/sqlite/pointer_map.h"

namespace litetool {
namespace {

// For each owner number of the trees before, the one of the same object after; 0 for none.
std::vector<std::uint32_t> counterparts_of(const DatabaseTrees& before,
                                           const DatabaseTrees& after) {
  std::map<std::pair<std::string, std::string>, std::uint32_t> numbers;
  for (std::size_t i = 0; i < after.trees.size(); ++i) {
    const SchemaRow& object = after.trees[i].object;
    numbers[{object.type, object.name}] = static_cast<std::uint32_t>(i + 1);
  }
  std::vector<std::uint32_t> result(1, 0);
  for (const TreePages& tree : before.trees) {
    const auto found = numbers.find({tree.object.type, tree.object.name});
    result.push_back(found == numbers.end() ? 0 : found->second);
  }
  return result;
}

}  // namespace

// Looks for the rows of overflow pages that differ. Only the state after has to be searched: where
// the page with the beginning of a row is the same in both states, so is the number of its first
// overflow page, and the first one in the chain that differs is in the chain of both.
class TouchedPages::Search {
 public:
  Search(const Job& job, const DiffSide& after, TouchedPages& result)
      : job_(job), after_(after), result_(result) {}

  Status run(const std::vector<Pgno>& changed) {
    if (after_.view.size_pages == 0) return {};
    for (const Pgno pgno : changed) {
      if (after_.view.has(pgno) && after_.trees.owner(pgno) == nullptr && !is_fixed(pgno)) {
        wanted_.insert(pgno);
      }
    }
    if (wanted_.empty()) return {};
    LT_TRY(walk_freelist(after_.view, [this](Pgno pgno, FreePage) { wanted_.erase(pgno); }));
    for (const Pgno pgno : changed) {
      const TreePages* tree = after_.trees.owner(pgno);
      if (tree != nullptr) LT_TRY(look_at(pgno, *tree));
    }
    for (const TreePages& tree : after_.trees.trees) {
      for (const auto* pages : {&tree.leaves, &tree.interior}) {
        for (const Pgno pgno : *pages) {
          if (wanted_.empty()) return {};
          if (!result_.touched(pgno)) LT_TRY(look_at(pgno, tree));
        }
      }
    }
    return {};
  }

 private:
  bool is_fixed(Pgno pgno) const {
    const FileHeader& header = after_.view.header;
    return pgno == lock_page(header.page_size) ||
           (header.auto_vacuum() != AutoVacuum::kNone && is_pointer_map_page(pgno, header));
  }

  Status look_at(Pgno pgno, const TreePages& tree) {
    if (wanted_.empty()) return {};
    LT_TRY(job_.check());
    LT_ASSIGN(const Bytes found, after_.view.page(pgno));
    const Buffer bytes(found.begin(), found.end());
    LT_ASSIGN(const BtreePage page,
              BtreePage::decode(bytes, pgno, after_.view.header.usable_size()));
    if (page.type() == BtreePageType::kInteriorTable) return {};
    for (std::uint32_t i = 0; i < page.cell_count() && !wanted_.empty(); ++i) {
      LT_ASSIGN(const BtreeCell cell, page.cell(i));
      LT_TRY(visit_overflow(after_.view, cell,
                            [&](Pgno overflow) { return meet(overflow, pgno, tree); }));
    }
    return {};
  }

  // An overflow page of a row on page `pgno`.
  Status meet(Pgno overflow, Pgno pgno, const TreePages& tree) {
    if (++visited_ > after_.view.size_pages) {
      return Error(Errc::kCorrupt, "rows share overflow pages");
    }
    if (wanted_.erase(overflow) == 0) return {};
    if (!result_.touched(pgno)) result_.touched_[pgno] = true;
    result_.owners_.emplace_back(overflow, &tree);
    return {};
  }

  const Job& job_;
  const DiffSide& after_;
  TouchedPages& result_;
  std::set<Pgno> wanted_;  // overflow pages that differ, by what is known
  std::uint64_t visited_ = 0;
};

Result<TouchedPages> TouchedPages::find(const Job& job, const DiffSide& before,
                                        const DiffSide& after, const std::vector<Pgno>& changed) {
  TouchedPages result;
  const std::uint32_t common = std::min(before.view.size_pages, after.view.size_pages);
  result.touched_.resize(std::size_t{common} + 1);
  for (const Pgno pgno : changed) {
    if (pgno <= common) result.touched_[pgno] = true;
  }
  // Pages that are of other trees now: their rows are not where they were.
  const std::vector<std::uint32_t> counterparts = counterparts_of(before.trees, after.trees);
  for (Pgno pgno = 1; pgno <= common; ++pgno) {
    if (counterparts[before.trees.owners[pgno]] != after.trees.owners[pgno]) {
      result.touched_[pgno] = true;
    }
  }
  LT_TRY(Search(job, after, result).run(changed));
  std::ranges::sort(result.owners_);
  return result;
}

const TreePages* TouchedPages::overflow_owner(Pgno pgno) const {
  const auto found =
      std::ranges::lower_bound(owners_, pgno, {}, &decltype(owners_)::value_type::first);
  return found == owners_.end() || found->first != pgno ? nullptr : found->second;
}

}  // namespace litetool
