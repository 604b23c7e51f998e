#include "formats/sqlite/btree_cursor.h"

#include <utility>

#include "formats/base/text.h"
#include "formats/sqlite/overflow.h"

namespace litetool {
namespace {

constexpr std::size_t kMaxDepth = 20;

}  // namespace

BtreeCursor::BtreeCursor(const DatabaseView& view, Pgno root)
    : view_(view),
      root_(root),
      payload_left_(std::uint64_t{view.size_pages} * view.header.page_size) {}

Status BtreeCursor::push(Pgno pgno) {
  if (levels_.size() == kMaxDepth) {
    return Error::corrupt(view_.offset_of(pgno), format("page %u: b-tree is too deep", pgno));
  }
  if (pages_walked_++ == view_.size_pages) {
    return Error::corrupt(view_.offset_of(pgno), format("page %u: b-tree has a cycle", pgno));
  }
  LT_ASSIGN(const Bytes found, view_.page(pgno));
  Buffer bytes(found.begin(), found.end());
  LT_ASSIGN(const BtreePage page, BtreePage::decode(bytes, pgno, view_.header.usable_size()));
  if (!levels_.empty() && levels_[0].page.table() != page.table()) {
    return Error::corrupt(view_.offset_of(pgno),
                          format("page %u: table and index pages in one b-tree", pgno));
  }
  levels_.push_back({std::move(bytes), page, 0, false});
  return {};
}

Result<BtreeEntry> BtreeCursor::entry(const BtreeCell& cell) {
  if (cell.payload_size > payload_left_) {
    return Error(Errc::kCorrupt, "b-tree: payloads are larger than the database");
  }
  payload_left_ -= cell.payload_size;
  if (cell.overflow == 0 && cell.local.size() == cell.payload_size) {
    return BtreeEntry{cell.rowid, cell.local};
  }
  payload_.assign(cell.local.begin(), cell.local.end());
  LT_TRY(append_overflow(view_, cell, payload_));
  return BtreeEntry{cell.rowid, payload_};
}

Result<std::optional<BtreeEntry>> BtreeCursor::next() {
  Result<std::optional<BtreeEntry>> found = step();
  if (!found) levels_.clear();
  return found;
}

Result<std::optional<BtreeEntry>> BtreeCursor::step() {
  using Next = std::optional<BtreeEntry>;
  if (root_) LT_TRY(push(*std::exchange(root_, std::nullopt)));
  while (!levels_.empty()) {
    Level& top = levels_.back();
    const bool at_end = top.cell == top.page.cell_count();
    if (!top.page.leaf() && !top.descended) {
      top.descended = true;
      Pgno child = top.page.right_child();
      if (!at_end) {
        LT_ASSIGN(const BtreeCell cell, top.page.cell(top.cell));
        child = cell.left_child;
      }
      LT_TRY(push(child));
      continue;
    }
    if (at_end) {
      levels_.pop_back();
      continue;
    }
    LT_ASSIGN(const BtreeCell cell, top.page.cell(top.cell));
    ++top.cell;
    top.descended = false;
    if (top.page.type() == BtreePageType::kInteriorTable) continue;
    LT_ASSIGN(const BtreeEntry found, entry(cell));
    return Next(found);
  }
  return Next();
}

}  // namespace litetool
