// The checksum of every page of one state, wherever its pages are: what an audit compares.
#pragma once

#include <optional>
#include <vector>

#include "core/ltx/database_image.h"
#include "core/os/job.h"
#include "core/source/image_chain.h"
#include "formats/base/crypto.h"
#include "formats/base/ids.h"

namespace litetool {

struct PageSums {
  std::uint32_t page_size = 0;
  std::vector<Checksum> pages;  // by page number - 1; the lock page has none. 8 bytes a page
  Checksum total = kEmptyDatabase;
  std::optional<Digest> digest;  // BLAKE2b-256 of the pages in order, without the lock page

  Pgno page_count() const { return static_cast<Pgno>(pages.size()); }
};

// Of a database that others may go on using. Whether the image stayed one state is the caller's to
// ask, by confirm(). Progress counts the bytes of the pages.
Result<PageSums> sums_of_database(const Job& job, const DatabaseImage& image, bool digest);

// Of the state at the end of a chain (as of read_newest_pages, with its errors); no digest, as
// pages come in no order. Progress counts the bytes of the pages.
Result<PageSums> sums_of_chain(const Job& job, const ImageChain& chain);

struct PageDifference {
  Pgno pgno = 0;
  Checksum left;  // absent where that side has no such page
  Checksum right;
};

// What differs, ascending. With two page sizes there are no pages to compare: the sides must have
// one, or no pages.
std::vector<PageDifference> compare_sums(const PageSums& left, const PageSums& right);

}  // namespace litetool
