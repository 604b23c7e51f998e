// What a page of a database is used for, and what its bytes alone say about that.
#pragma once

#include <cstdint>

#include "formats/base/bytes.h"
#include "formats/base/ids.h"
#include "formats/sqlite/btree_page.h"
#include "formats/sqlite/file_header.h"

namespace litetool {

enum class PageKind : std::uint8_t {
  kUnknown,
  kTableInterior,
  kTableLeaf,
  kIndexInterior,
  kIndexLeaf,
  kOverflow,
  kFreelistTrunk,
  kFreelistLeaf,
  kPointerMap,
  kLockPage,
};
const char* page_kind_text(PageKind kind);
PageKind page_kind_of(BtreePageType type);

// The kind that fits the page's bytes, in isolation. Certain for b-tree pages that SQLite wrote,
// the lock page and pointer map pages; a guess for overflow and trunk pages, which have nothing to
// tell them by but plausible page numbers; a freelist leaf keeps the bytes of its former use and is
// taken for that. A page of zeros is kUnknown. `size_pages` is the size of the database, 0 = not
// known.
PageKind guess_page_kind(Bytes page, Pgno pgno, const FileHeader& header, std::uint32_t size_pages);

}  // namespace litetool
