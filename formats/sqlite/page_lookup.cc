#include "formats/sqlite/page_lookup.h"

#include "formats/base/text.h"

namespace litetool {

Error outside_of_database(Pgno pgno, std::uint32_t size_pages) {
  return Error(Errc::kCorrupt,
               format("page %u is outside of the database of %u pages", pgno, size_pages));
}

Result<Bytes> DatabaseView::page(Pgno pgno) const {
  if (!has(pgno)) return outside_of_database(pgno, size_pages);
  LT_ASSIGN(const Bytes found, lookup(pgno));
  if (found.size() != header.page_size) {
    return Error::corrupt(offset_of(pgno), format("page %u is not whole", pgno));
  }
  return found;
}

}  // namespace litetool
