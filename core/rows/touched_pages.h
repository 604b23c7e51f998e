// Which pages of a table may hold rows that two states of a database do not share.
#pragma once

#include <vector>

#include "core/os/job.h"
#include "core/rows/diff_side.h"

namespace litetool {

// An overflow page, the page with the beginning of its row, and the tree of that one.
struct OverflowOwner {
  Pgno overflow = 0;
  Pgno page = 0;
  const TreePages* tree = nullptr;
};
// Of those pages of a state that differ from another one's (`changed`, ascending) and are in no
// tree. Reads every row that may go on in one of them, until all are found.
Result<std::vector<OverflowOwner>> find_overflow_owners(const Job& job, const DatabaseView& view,
                                                        const DatabaseTrees& trees,
                                                        const std::vector<Pgno>& changed);

// A page is touched when it differs, when only one state has it, or when a row of it goes on in an
// overflow page that differs. What is not touched holds the same rows in both.
class TouchedPages {
 public:
  // `changed`: the pages that differ, ascending.
  static Result<TouchedPages> find(const Job& job, const DiffSide& before, const DiffSide& after,
                                   const std::vector<Pgno>& changed);

  bool touched(Pgno pgno) const { return pgno >= touched_.size() || touched_[pgno]; }
  // The tree whose row goes on in this overflow page of the state after, as far as that was looked
  // for: nullptr for a page that did not change.
  const TreePages* overflow_owner(Pgno pgno) const;

 private:
  std::vector<bool> touched_;                              // by page number
  std::vector<std::pair<Pgno, const TreePages*>> owners_;  // ascending
};

}  // namespace litetool
