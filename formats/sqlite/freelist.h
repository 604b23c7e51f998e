// The freelist: the unused pages of a database. All integers big-endian.
//
// Trunk page:
//   off size name     meaning
//     0    4 next     next trunk page, 0 = last
//     4    4 count    leaves that follow, at most usable_size / 4 - 2
//     8  4*n leaves   page numbers
// The first trunk and the number of all free pages stand in the database header. A leaf has no
// content worth keeping: SQLite takes one back into use without writing its old bytes to the
// journal.
//
// Valid: count fits the page, and every number is inside the database and not 0.
#pragma once

#include <cstdint>
#include <functional>

#include "formats/base/bytes.h"
#include "formats/base/ids.h"
#include "formats/base/result.h"
#include "formats/sqlite/page_lookup.h"

namespace litetool {

class FreelistTrunk {
 public:
  // `page` outlives the result. kCorrupt with the offset in the page.
  static Result<FreelistTrunk> decode(Bytes page, std::uint32_t usable_size);
  Pgno next() const { return next_; }
  std::uint32_t leaf_count() const { return leaf_count_; }
  // Leaf `index`, below leaf_count(), as it stands there.
  Pgno leaf(std::uint32_t index) const;

 private:
  Bytes page_;
  Pgno next_ = 0;
  std::uint32_t leaf_count_ = 0;
};

enum class FreePage : std::uint8_t { kTrunk, kLeaf };

// Calls `visit` for each page of the freelist that begins at view.header.freelist_trunk: each
// trunk, then its leaves. Stops with kCorrupt and the offset in the database at the first thing
// that is wrong: a number outside of the database, or more pages than the header counts (which ends
// cycles too). Fewer pages than the header counts is kCorrupt as well, after all visits.
Status walk_freelist(const DatabaseView& view, const std::function<void(Pgno, FreePage)>& visit);

}  // namespace litetool
