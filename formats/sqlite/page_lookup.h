// The pages of one database, wherever they are: what the walks over a database read from.
#pragma once

#include <cstdint>
#include <functional>

#include "formats/base/bytes.h"
#include "formats/base/ids.h"
#include "formats/base/result.h"
#include "formats/sqlite/file_header.h"

namespace litetool {

// What is said to whoever asks for a page that a database of `size_pages` does not have.
Error outside_of_database(Pgno pgno, std::uint32_t size_pages);

// Yields one whole page, valid until the next call.
using PageLookup = std::function<Result<Bytes>(Pgno)>;

// A database as the walks see it. `size_pages` bounds every walk and what it may allocate: give the
// pages that can really be looked up, not a number from a hostile header.
struct DatabaseView {
  PageLookup lookup;
  FileHeader header;
  std::uint32_t size_pages = 0;

  bool has(Pgno pgno) const { return pgno >= 1 && pgno <= size_pages; }
  // Byte offset of a page in the database file, for messages.
  std::uint64_t offset_of(Pgno pgno) const {
    return pgno == 0 ? 0 : (std::uint64_t{pgno} - 1) * header.page_size;
  }
  // The page, with its number and its size checked.
  Result<Bytes> page(Pgno pgno) const;
};

}  // namespace litetool
