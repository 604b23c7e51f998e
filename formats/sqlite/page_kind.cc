#include "formats/sqlite/page_kind.h"

#include <limits>

#include "formats/sqlite/freelist.h"
#include "formats/sqlite/pointer_map.h"

namespace litetool {
namespace {

bool all_cells_decode(const BtreePage& page, std::uint32_t size_pages) {
  for (std::uint32_t i = 0; i < page.cell_count(); ++i) {
    const Result<BtreeCell> cell = page.cell(i);
    if (!cell || cell->left_child > size_pages || cell->overflow > size_pages) return false;
  }
  return page.right_child() <= size_pages;
}

bool is_trunk(Bytes page, std::uint32_t usable_size, std::uint32_t size_pages) {
  const Result<FreelistTrunk> trunk = FreelistTrunk::decode(page, usable_size);
  if (!trunk || trunk->next() > size_pages || trunk->next() == 1) return false;
  if (trunk->leaf_count() == 0) return false;  // more often an overflow page of zeros
  for (std::uint32_t i = 0; i < trunk->leaf_count(); ++i) {
    if (trunk->leaf(i) < 2 || trunk->leaf(i) > size_pages) return false;
  }
  return true;
}

}  // namespace

const char* page_kind_text(PageKind kind) {
  switch (kind) {
    case PageKind::kUnknown:
      return "unknown";
    case PageKind::kTableInterior:
      return "table interior";
    case PageKind::kTableLeaf:
      return "table leaf";
    case PageKind::kIndexInterior:
      return "index interior";
    case PageKind::kIndexLeaf:
      return "index leaf";
    case PageKind::kOverflow:
      return "overflow";
    case PageKind::kFreelistTrunk:
      return "freelist trunk";
    case PageKind::kFreelistLeaf:
      return "freelist leaf";
    case PageKind::kPointerMap:
      return "pointer map";
    case PageKind::kLockPage:
      return "lock page";
  }
  return "unknown";
}

PageKind page_kind_of(BtreePageType type) {
  switch (type) {
    case BtreePageType::kInteriorIndex:
      return PageKind::kIndexInterior;
    case BtreePageType::kInteriorTable:
      return PageKind::kTableInterior;
    case BtreePageType::kLeafIndex:
      return PageKind::kIndexLeaf;
    case BtreePageType::kLeafTable:
      return PageKind::kTableLeaf;
  }
  return PageKind::kUnknown;
}

PageKind guess_page_kind(Bytes page, Pgno pgno, const FileHeader& header,
                         std::uint32_t size_pages) {
  if (pgno == 0 || page.size() != header.page_size) return PageKind::kUnknown;
  if (pgno == lock_page(header.page_size)) return PageKind::kLockPage;
  const bool mapped = header.auto_vacuum() != AutoVacuum::kNone;
  if (mapped && is_pointer_map_page(pgno, header)) return PageKind::kPointerMap;
  const std::uint32_t known_pages =
      size_pages != 0 ? size_pages : std::numeric_limits<std::uint32_t>::max() - 1;
  const Result<BtreePage> btree = BtreePage::decode(page, pgno, header.usable_size());
  if (btree && all_cells_decode(*btree, known_pages)) return page_kind_of(btree->type());
  if (pgno == 1 || all_zero(page)) return PageKind::kUnknown;
  if (is_trunk(page, header.usable_size(), known_pages)) return PageKind::kFreelistTrunk;
  const auto next = load_be<std::uint32_t>(page.data());
  return next != 1 && next <= known_pages ? PageKind::kOverflow : PageKind::kUnknown;
}

}  // namespace litetool
