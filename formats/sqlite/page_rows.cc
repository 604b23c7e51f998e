#include "formats/sqlite/page_rows.h"

#include <utility>

#include "formats/sqlite/overflow.h"

namespace litetool {

PageRows::PageRows(const DatabaseView& view, std::vector<Pgno> pages)
    : view_(view),
      pages_(std::move(pages)),
      payload_left_(std::uint64_t{view.size_pages} * view.header.page_size) {}

Result<std::optional<BtreeEntry>> PageRows::next() {
  while (!page_ || next_cell_ == page_->cell_count() ||
         page_->type() == BtreePageType::kInteriorTable) {
    if (next_page_ == pages_.size()) return std::optional<BtreeEntry>();
    const Pgno pgno = pages_[next_page_++];
    LT_ASSIGN(const Bytes found, view_.page(pgno));
    bytes_.assign(found.begin(), found.end());
    LT_ASSIGN(page_, BtreePage::decode(bytes_, pgno, view_.header.usable_size()));
    next_cell_ = 0;
  }
  LT_ASSIGN(const BtreeCell cell, page_->cell(next_cell_++));
  if (cell.payload_size > payload_left_) {
    return Error(Errc::kCorrupt, "b-tree: payloads are larger than the database");
  }
  payload_left_ -= cell.payload_size;
  if (cell.overflow == 0 && cell.local.size() == cell.payload_size) {
    return std::optional(BtreeEntry{cell.rowid, cell.local});
  }
  payload_.assign(cell.local.begin(), cell.local.end());
  LT_TRY(append_overflow(view_, cell, payload_));
  return std::optional(BtreeEntry{cell.rowid, payload_});
}

}  // namespace litetool
