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

// Looks for the rows of overflow pages that differ. Only the state after has to be searched: where
// the page with the beginning of a row is the same in both states, so is the number of its first
// overflow page, and the first one in the chain that differs is in the chain of both.
class Search {
 public:
  Search(const Job& job, const DatabaseView& view, const DatabaseTrees& trees)
      : job_(job), view_(view), trees_(trees) {}

  Result<std::vector<OverflowOwner>> run(const std::vector<Pgno>& changed) {
    LT_TRY(search(changed));
    return std::move(found_);
  }

 private:
  Status search(const std::vector<Pgno>& changed) {
    if (view_.size_pages == 0) return {};
    for (const Pgno pgno : changed) {
      if (view_.has(pgno) && trees_.owner(pgno) == nullptr && !is_fixed(pgno)) {
        wanted_.insert(pgno);
      }
    }
    if (wanted_.empty()) return {};
    LT_TRY(walk_freelist(view_, [this](Pgno pgno, FreePage) { wanted_.erase(pgno); }));
    for (const Pgno pgno : changed) {
      const TreePages* tree = trees_.owner(pgno);
      if (tree != nullptr) LT_TRY(look_at(pgno, *tree));
    }
    for (const TreePages& tree : trees_.trees) {
      for (const auto* pages : {&tree.leaves, &tree.interior}) {
        for (const Pgno pgno : *pages) {
          if (wanted_.empty()) return {};
          if (!std::ranges::binary_search(changed, pgno)) LT_TRY(look_at(pgno, tree));
        }
      }
    }
    return {};
  }

  bool is_fixed(Pgno pgno) const {
    const FileHeader& header = view_.header;
    return pgno == lock_page(header.page_size) ||
           (header.auto_vacuum() != AutoVacuum::kNone && is_pointer_map_page(pgno, header));
  }

  Status look_at(Pgno pgno, const TreePages& tree) {
    if (wanted_.empty()) return {};
    LT_TRY(job_.check());
    LT_ASSIGN(const Bytes found, view_.page(pgno));
    const Buffer bytes(found.begin(), found.end());
    LT_ASSIGN(const BtreePage page, BtreePage::decode(bytes, pgno, view_.header.usable_size()));
    if (page.type() == BtreePageType::kInteriorTable) return {};
    for (std::uint32_t i = 0; i < page.cell_count() && !wanted_.empty(); ++i) {
      LT_ASSIGN(const BtreeCell cell, page.cell(i));
      LT_TRY(
          visit_overflow(view_, cell, [&](Pgno overflow) { return meet(overflow, pgno, tree); }));
    }
    return {};
  }

  // An overflow page of a row on page `pgno`.
  Status meet(Pgno overflow, Pgno pgno, const TreePages& tree) {
    if (++visited_ > view_.size_pages) {
      return Error(Errc::kCorrupt, "rows share overflow pages");
    }
    if (wanted_.erase(overflow) != 0) found_.push_back({overflow, pgno, &tree});
    return {};
  }

  const Job& job_;
  const DatabaseView& view_;
  const DatabaseTrees& trees_;
  std::set<Pgno> wanted_;  // overflow pages that differ, by what is known
  std::vector<OverflowOwner> found_;
  std::uint64_t visited_ = 0;
};

}  // namespace

Result<std::vector<OverflowOwner>> find_overflow_owners(const Job& job, const DatabaseView& view,
                                                        const DatabaseTrees& trees,
                                                        const std::vector<Pgno>& changed) {
  return Search(job, view, trees).run(changed);
}

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
  LT_ASSIGN(const auto owners, find_overflow_owners(job, after.view, after.trees, changed));
  for (const OverflowOwner& owner : owners) {
    if (!result.touched(owner.page)) result.touched_[owner.page] = true;
    result.owners_.emplace_back(owner.overflow, owner.tree);
  }
  std::ranges::sort(result.owners_);
  return result;
}

const TreePages* TouchedPages::overflow_owner(Pgno pgno) const {
  const auto found =
      std::ranges::lower_bound(owners_, pgno, {}, &decltype(owners_)::value_type::first);
  return found == owners_.end() || found->first != pgno ? nullptr : found->second;
}

}  // namespace litetool
