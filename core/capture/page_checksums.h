// The checksum of every page of a database as of its last captured transaction, and their sum.
//
// 8 bytes a page. The sum is the database checksum: FLAG | XOR of all, the lock page left out, and
// costs O(changed pages) to keep.
#pragma once

#include <utility>
#include <vector>

#include "formats/base/crc64.h"
#include "formats/base/ids.h"
#include "formats/base/result.h"

namespace litetool {

// The checksums of the pages of a larger database would take more than an eighth of this machine's
// memory, and more than 256 MiB: a file may claim any size. While such a size is captured, some
// three times as much is needed.
Pgno most_pages_here();
// kFailed for a database, or a commit, of more pages than that.
Status check_size(Pgno commit, Pgno most_pages);
// kFailed where more pages are neither in the file nor in the log than SQLite can leave out: those
// that a transaction takes and gives back without their ever leaving its cache.
Status check_absent(Pgno commit, std::uint64_t pages_there);

class PageChecksums {
 public:
  PageChecksums() = default;
  // Of a database of `commit` pages; `sums` are those of all but the lock page, in order.
  PageChecksums(std::vector<Checksum> sums, Pgno commit, std::uint32_t page_size)
      : sums_(std::move(sums)) {
    const Pgno lock = lock_page(page_size);
    if (commit >= lock) sums_.insert(sums_.begin() + (lock - 1), Checksum{});
    for (const Checksum sum : sums_) database_ = checksum_xor(database_, sum);
  }

  // Size of the database in pages.
  Pgno pages() const { return static_cast<Pgno>(sums_.size()); }
  Checksum database() const { return database_; }

  // 0 for a page beyond the end, and for the lock page.
  Checksum get(Pgno pgno) const {
    return pgno == 0 || pgno > pages() ? Checksum{} : sums_[pgno - 1];
  }
  // Grows the database where `pgno` lies beyond its end; pages in between have no checksum yet.
  void set(Pgno pgno, Checksum checksum) {
    if (pgno > pages()) sums_.resize(pgno);
    database_ = checksum_xor(checksum_xor(database_, sums_[pgno - 1]), checksum);
    sums_[pgno - 1] = checksum;
  }
  // Cuts or extends to the size that a transaction commits.
  void resize(Pgno pages_now) {
    for (Pgno pgno = pages(); pgno > pages_now; --pgno) {
      database_ = checksum_xor(database_, sums_[pgno - 1]);
    }
    sums_.resize(pages_now);
  }
  void clear() { resize(0); }

  const std::vector<Checksum>& all() const { return sums_; }

 private:
  std::vector<Checksum> sums_;
  Checksum database_ = kEmptyDatabase;
};

}  // namespace litetool
