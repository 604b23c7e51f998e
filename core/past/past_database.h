// A database as it was at the end of a chain of LTX images, page by page, without restoring it.
//
// The images' page indexes are read from the newest to the oldest, and no further than the pages
// asked for make necessary; a page is decoded when it is asked for. Images of variants without an
// index are unpacked into a temporary file. Memory: 16 bytes for each page of the database, 300 for
// each image that has the newest version of one, and a bounded cache of decoded pages.
//
// What the page index and the frames say is checked, and the files of the old variants are verified
// as they are unpacked. The checksums of the others cover whole files and databases, and are not
// compared here: restoring and `ltx verify` do that.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/os/job.h"
#include "core/past/image_pages.h"
#include "core/past/page_cache.h"
#include "core/past/page_source.h"
#include "core/source/image_chain.h"

namespace litetool {

class PastDatabase : public PageSource {
 public:
  // `temp_dir`: for what must be unpacked. What the job points to outlives the object.
  PastDatabase(const Job& job, std::shared_ptr<const ImageChain> chain, std::string temp_dir);

  std::uint32_t page_size() const override { return last().page_size; }
  Pgno page_count() const override { return last().commit; }
  // kBrokenChain when the page is in no image.
  Result<Bytes> page(Pgno pgno) override;

  const ImageChain& chain() const { return *chain_; }
  // The page numbers in the images behind the state at `since`, ascending and each once, up to
  // page_count(): what has been written since.
  Result<std::vector<Pgno>> pages_since(Txid since);

 private:
  // Where the newest version of a page is.
  struct Place {
    std::uint32_t image = 0;  // 1 + index in holders_; 0 = not found yet
    std::uint32_t size = 0;   // see PagePlace
    std::uint64_t offset = 0;
  };

  const ltx::Header& last() const { return chain_->last().header; }
  Status find(Pgno pgno);
  // False behind the oldest image.
  Result<bool> has_next();
  Status look_at_next();

  const Job job_;
  const std::shared_ptr<const ImageChain> chain_;
  std::unique_ptr<ChainWalk> walk_;  // null until an image is asked for
  std::optional<ImageRef> next_;     // of walk_, where it is known
  ImagePages images_;
  std::vector<Place> places_;      // by page number - 1
  std::vector<ImageRef> holders_;  // images that have the newest version of a page
  Pgno limit_;                     // smallest commit of the images looked at
  PageCache<Pgno> cache_;
  Buffer zero_;  // the lock page
};

}  // namespace litetool
