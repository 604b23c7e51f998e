// The pages of one state of a database, wherever they come from: the past, or a file that is in
// use.
#pragma once

#include <cstdint>

#include "formats/base/bytes.h"
#include "formats/base/ids.h"
#include "formats/base/result.h"

namespace litetool {

// Used by one thread at a time.
class PageSource {
 public:
  virtual ~PageSource() = default;
  // Bytes; 0 for a database that never had a page.
  virtual std::uint32_t page_size() const = 0;
  // The lock page counted; 0 for a database that has been removed.
  virtual Pgno page_count() const = 0;
  // One whole page, valid until the next call; the lock page is zero. kCorrupt for a page that is
  // outside of the database.
  virtual Result<Bytes> page(Pgno pgno) = 0;
};

}  // namespace litetool
