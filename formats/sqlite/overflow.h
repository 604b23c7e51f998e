// Payloads that go on in overflow pages.
#pragma once

#include <functional>

#include "formats/sqlite/btree_page.h"
#include "formats/sqlite/page_lookup.h"

namespace litetool {

// Appends the part of the cell's payload that is in overflow pages to `payload`, which holds the
// local part. The caller bounds cell.payload_size. kCorrupt where the chain leaves the database.
Status append_overflow(const DatabaseView& view, const BtreeCell& cell, Buffer& payload);

// Tells the overflow pages of the cell in order; a cell without any has none. kCorrupt as above,
// and what `visit` returns.
Status visit_overflow(const DatabaseView& view, const BtreeCell& cell,
                      const std::function<Status(Pgno)>& visit);

}  // namespace litetool
