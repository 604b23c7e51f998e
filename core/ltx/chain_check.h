// Proves every position of a chain in one pass over the pages.
//
// The database checksum is the XOR of page checksums. So the checksum after each image follows from
// the one before it and from what the image changes, and that is known page by page: old version
// out, new version in, out again when the database shrinks. Visiting the pages in any order, with
// all their versions, gives the change each image makes; no page checksum has to be remembered.
#pragma once

#include <optional>
#include <vector>

#include "core/ltx/image_ref.h"
#include "formats/base/crc64.h"

namespace litetool {

class ChainCheck {
 public:
  // The version of a page in one image.
  struct Version {
    std::uint32_t image = 0;
    Checksum checksum;
  };
  // What a set of pages adds to the sums.
  struct Sums {
    std::vector<std::uint64_t> steps;  // per image
    std::uint64_t base = 0;
    std::uint64_t end = 0;
    std::optional<Pgno> missing;  // the first page that the end state should have and has not
    void clear(std::size_t images);
  };

  // A chain of images, oldest first, upon a database of `base_pages` pages.
  ChainCheck(std::vector<ImageRef> images, Pgno base_pages);

  const std::vector<ImageRef>& images() const { return images_; }
  Pgno base_pages() const { return base_pages_; }
  Pgno end_pages() const { return images_.back().header.commit; }
  Pgno lock_pgno() const { return images_.back().header.lock_pgno(); }

  // Takes in one page, never the lock page: its checksum in the base (where it has it) and its
  // versions, oldest first. True when the page is part of the end state. From any thread.
  bool visit(Pgno pgno, Checksum base, std::span<const Version> versions, Sums& sums) const;
  void add(const Sums& sums);

  // After every page up to max(base_pages, end_pages) was added.
  Checksum base_checksum() const { return as_checksum(sums_.base); }
  Checksum end_checksum() const { return as_checksum(sums_.end); }
  // kBrokenChain when the base is not where the first image starts, kCorrupt when an image does not
  // lead where it says. `base_name` is for messages.
  Status verify(const std::string& base_name) const;

 private:
  std::vector<ImageRef> images_;
  Pgno base_pages_;
  Pgno least_commit_;
  Sums sums_;
};

}  // namespace litetool
