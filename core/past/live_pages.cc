#include "core/past/live_pages.h"

#include <algorithm>

#include "formats/sqlite/page_lookup.h"

namespace litetool {

Result<Bytes> LivePages::page(Pgno pgno) {
  if (pgno < 1 || pgno > page_count()) return outside_of_database(pgno, page_count());
  if (pgno == lock_page(page_size())) {
    std::ranges::fill(page_, std::byte{0});
  } else {
    LT_TRY(image_->read_pages(pgno, page_));
  }
  return Bytes(page_);
}

}  // namespace litetool
