// The pages written to a database file since its last captured transaction, as the writes came in.
//
// 12 bytes for each write of a page, repeated ones thrown out now and then.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/capture/page_checksums.h"
#include "formats/base/ids.h"

namespace litetool {

class DirtyPages {
 public:
  static constexpr Pgno kLast = UINT32_MAX - 1;  // pages behind it are not those of a database

  bool empty() const { return written_.empty() && from_ == kNone; }

  // A page up to kLast was written: as a whole, with content of this checksum, or a part of it (0).
  void written(Pgno pgno, Checksum content) {
    if (pgno >= from_) return;
    if (!written_.empty() && written_.back().pgno == pgno) written_.pop_back();
    written_.push_back(Written(pgno, content));
    if (written_.size() > compact_at_) compact();
  }
  // The same, of a page that came from the log, which tells what it is: which they are is of use
  // only when that log goes astray, so it may be forgotten once they are many.
  void copied(Pgno pgno) {
    written(pgno, Checksum{});
    if (written_.size() < kCompactAt) return;
    from_ = std::min(from_, std::ranges::min(written_, {}, &Written::pgno).pgno);
    written_.clear();
  }
  // The file was cut or extended: whatever stands behind `size` bytes may be new.
  void resized(std::uint64_t size, std::uint32_t page_size) {
    const std::uint64_t pgno = size / page_size + 1;
    if (pgno < from_) from_ = static_cast<Pgno>(pgno);
  }

  // Of a database that has `commit` pages now, where `known` is what it was; ascending.
  struct Found {
    std::vector<Pgno> changed;
    std::vector<Pgno> unsure;  // they have to be read
  };
  Found find(const PageChecksums& known, Pgno commit) {
    compact();
    const Pgno old_commit = known.pages();
    const Pgno from = std::min({from_, old_commit + 1, commit + 1});
    Found found;
    for (const Written& page : written_) {
      if (page.pgno >= from) break;
      if (page.content() == Checksum{}) {
        found.unsure.push_back(page.pgno);
      } else if (page.content() != known.get(page.pgno)) {
        found.changed.push_back(page.pgno);
      }
    }
    for (Pgno pgno = from; pgno <= commit; ++pgno) {
      (pgno > old_commit ? found.changed : found.unsure).push_back(pgno);
    }
    return found;
  }

  void clear() {
    written_.clear();
    if (written_.capacity() > kCompactAt) written_ = {};
    from_ = kNone;
    compact_at_ = kCompactAt;
  }

 private:
  static constexpr Pgno kNone = kLast + 1;
  static constexpr std::size_t kCompactAt = 65536;

  // Halves, because a whole checksum would make 16 bytes of it.
  struct Written {
    Written(Pgno page, Checksum content)
        : pgno(page),
          high(static_cast<std::uint32_t>(content.value >> 32)),
          low(static_cast<std::uint32_t>(content.value)) {}
    Checksum content() const { return Checksum{std::uint64_t{high} << 32 | low}; }

    Pgno pgno;
    std::uint32_t high;
    std::uint32_t low;
  };

  // What was written last counts.
  void compact() {
    if (!std::ranges::is_sorted(written_, {}, &Written::pgno)) {
      std::ranges::stable_sort(written_, {}, &Written::pgno);
    }
    std::size_t kept = 0;
    for (const Written& page : written_) {
      const bool again = kept != 0 && written_[kept - 1].pgno == page.pgno;
      written_[again ? kept - 1 : kept++] = page;
    }
    written_.erase(written_.begin() + static_cast<std::ptrdiff_t>(kept), written_.end());
    compact_at_ = std::max(kCompactAt, written_.size() * 2);
  }

  std::vector<Written> written_;  // in order of writing, or sorted after compact()
  Pgno from_ = kNone;             // all pages from here on
  std::size_t compact_at_ = kCompactAt;
};

}  // namespace litetool
