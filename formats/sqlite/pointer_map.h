// Pointer map pages: in an auto_vacuum database, who points to each page. All integers big-endian.
//
// Page 2 is the first; each serves the usable_size / 5 pages after it and is followed, behind
// those, by the next one. Where a map page would fall on the lock page it is the page after that.
//
// Entry of page p, at 5 * (p - map page - 1):
//   off size name     meaning
//     0    1 type     1 b-tree root, 2 free, 3 first overflow page, 4 later overflow page, 5 b-tree
//     page 1    4 parent   0 for types 1 and 2; the page with the cell for 3; the page before it
//     for 4; the
//                     parent page for 5
//
// Valid: type is 1 ... 5.
#pragma once

#include <cstdint>

#include "formats/base/bytes.h"
#include "formats/base/ids.h"
#include "formats/base/result.h"
#include "formats/sqlite/file_header.h"

namespace litetool {

enum class PointerType : std::uint8_t {
  kRoot = 1,
  kFree = 2,
  kFirstOverflow = 3,
  kOverflow = 4,
  kBtree = 5,
};
const char* pointer_type_text(PointerType type);

struct PointerEntry {
  PointerType type = PointerType::kRoot;
  Pgno parent = 0;
};

// The map page that serves `pgno`; `pgno` itself when it is a map page. 0 for pages 0 and 1.
// Meaningful in an auto_vacuum database.
Pgno pointer_map_page(Pgno pgno, const FileHeader& header);
inline bool is_pointer_map_page(Pgno pgno, const FileHeader& header) {
  return pgno >= 2 && pointer_map_page(pgno, header) == pgno;
}

// The entry of `pgno` in its map page, whose bytes are `map`. kCorrupt with the offset in the map
// page; kNotFound where `pgno` has no entry (page 1, a map page).
Result<PointerEntry> decode_pointer_entry(Bytes map, Pgno pgno, const FileHeader& header);

}  // namespace litetool
