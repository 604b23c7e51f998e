// One page of a b-tree: header, cell pointers, cells. All integers big-endian.
//
// Page header, at offset 0, on page 1 at offset 100:
//   off size name              meaning
//     0    1 type              2 interior index, 5 interior table, 10 leaf index, 13 leaf table
//     1    2 first_freeblock   0 = none
//     3    2 cell_count
//     5    2 content_start     where the cells begin; 0 means 65536
//     7    1 fragmented_bytes
//     8    4 right_child       interior pages only
// Then cell_count u16 cell pointers, offsets from the start of the page.
//
// Freeblock: u16 next (0 = last, else higher), u16 size of at least 4. Gaps of up to 3 bytes are
// only counted.
//
// Cell, by type of page:
//   interior table   left child u32, varint row id
//   leaf table       varint payload size, varint row id, payload
//   interior index   left child u32, varint payload size, payload
//   leaf index       varint payload size, payload
// A payload that is larger than its page may hold (see local_payload_size) goes on in a chain of
// overflow pages, whose first number follows the local part as u32. An overflow page: next page u32
// (0 = last), then usable_size - 4 bytes of payload.
//
// Valid: type is known, the pointers end before the content, and the content starts inside the
// usable part; a cell when all of it is between the pointers and the end of the usable part.
#pragma once

#include <cstdint>
#include <vector>

#include "formats/base/bytes.h"
#include "formats/base/ids.h"
#include "formats/base/result.h"

namespace litetool {

enum class BtreePageType : std::uint8_t {
  kInteriorIndex = 2,
  kInteriorTable = 5,
  kLeafIndex = 10,
  kLeafTable = 13,
};

struct BtreeCell {
  std::size_t offset = 0;          // in the page
  std::size_t size = 0;            // bytes on the page; SQLite gives each cell at least 4
  Pgno left_child = 0;             // interior pages
  std::int64_t rowid = 0;          // table pages
  std::uint64_t payload_size = 0;  // whole payload in bytes
  Bytes local;                     // the part of it on this page
  Pgno overflow = 0;               // first overflow page, 0 = the payload is whole
};

// Bytes of a payload that stay on the page.
std::uint32_t local_payload_size(std::uint64_t payload_size, std::uint32_t usable_size,
                                 bool table_leaf);

class BtreePage {
 public:
  // Decodes the header of a page; `page` outlives the result. `usable_size` (480 ... page size)
  // leaves out the reserved bytes. kCorrupt with the offset in the database file.
  static Result<BtreePage> decode(Bytes page, Pgno pgno, std::uint32_t usable_size);

  BtreePageType type() const { return type_; }
  bool leaf() const {
    return type_ == BtreePageType::kLeafTable || type_ == BtreePageType::kLeafIndex;
  }
  bool table() const {
    return type_ == BtreePageType::kLeafTable || type_ == BtreePageType::kInteriorTable;
  }
  std::uint32_t cell_count() const { return cell_count_; }
  std::uint32_t content_start() const { return content_start_; }
  std::uint32_t first_freeblock() const { return first_freeblock_; }
  std::uint32_t fragmented_bytes() const { return fragmented_bytes_; }
  // Interior pages; 0 on leaves.
  Pgno right_child() const { return right_child_; }

  // Cell `index`, below cell_count(). kCorrupt with the offset in the database file.
  Result<BtreeCell> cell(std::uint32_t index) const;

  // Checks that cells and freeblocks cover the content without overlap and that what lies between
  // them is what the header counts as fragmented. kCorrupt with the offset in the database file.
  Status check_space() const;

 private:
  BtreePage() = default;
  // Bytes [begin, end) of the page that something takes.
  struct Extent {
    std::size_t begin;
    std::size_t end;
  };
  Error corrupt(std::size_t at, std::string message) const;
  Status add_freeblocks(std::vector<Extent>& taken) const;

  Bytes page_;
  Pgno pgno_ = 0;
  std::uint32_t usable_size_ = 0;
  BtreePageType type_ = BtreePageType::kLeafTable;
  std::uint32_t first_freeblock_ = 0;
  std::uint32_t cell_count_ = 0;
  std::uint32_t content_start_ = 0;
  std::uint32_t fragmented_bytes_ = 0;
  Pgno right_child_ = 0;
  std::size_t pointers_at_ = 0;
};

}  // namespace litetool
