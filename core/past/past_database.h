// A database as it was at the end of a chain of LTX images, page by page, without restoring it.
//
// The images' page indexes are read from the newest to the oldest, and no further than the pages
// asked for make necessary; a page is decoded when it is asked for. Images of variants without an
// index are unpacked into a temporary file. Memory: 16 bytes for each page of the database, and a
// bounded cache of decoded pages.
//
// What the page index and the frames say is checked, and the files of the old variants are verified
// as they are unpacked. The checksums of the others cover whole files and databases, and are not
// compared here: restoring and `ltx verify` do that.
#pragma once

#include <string>
#include <vector>

#include "core/ltx/image_ref.h"
#include "core/os/job.h"
#include "core/past/image_pages.h"
#include "core/past/page_cache.h"
#include "core/past/page_source.h"

namespace litetool {

class PastDatabase : public PageSource {
 public:
  // `chain`: oldest first, from a snapshot on, one page size (see HistorySource::chain_to).
  // `temp_dir`: for what must be unpacked. What the job points to outlives the object.
  PastDatabase(const Job& job, std::vector<ImageRef> chain, std::string temp_dir);

  std::uint32_t page_size() const override { return last().page_size; }
  Pgno page_count() const override { return last().commit; }
  // kBrokenChain when the page is in no image.
  Result<Bytes> page(Pgno pgno) override;

  const std::vector<ImageRef>& chain() const { return chain_; }
  // The page numbers in the images of chain()[first] and later, ascending and each once, up to
  // page_count(): what has been written since the images before it.
  Result<std::vector<Pgno>> pages_since(std::size_t first);

 private:
  // Where the newest version of a page is.
  struct Place {
    std::uint32_t image = 0;  // 1 + index in chain_; 0 = not found yet
    std::uint32_t size = 0;   // see PagePlace
    std::uint64_t offset = 0;
  };

  const ltx::Header& last() const { return chain_.back().header; }
  Status find(Pgno pgno);
  Status open_next();

  const Job job_;
  const std::vector<ImageRef> chain_;
  ImagePages images_;
  std::vector<Place> places_;  // by page number - 1
  std::size_t next_;           // images before this one were not looked at
  Pgno limit_;                 // smallest commit from that image on
  PageCache<Pgno> cache_;
  Buffer zero_;  // the lock page
};

}  // namespace litetool
