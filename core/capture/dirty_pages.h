// The pages written to a database file since its last captured transaction, as the writes came in.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "formats/base/ids.h"

namespace litetool {

class DirtyPages {
 public:
  bool empty() const { return pages_.empty() && from_ == kNone; }

  // Bytes [offset, offset + size) were written.
  void written(std::uint64_t offset, std::uint64_t size, std::uint32_t page_size) {
    if (size == 0) return;
    const std::uint64_t last = (offset + size - 1) / page_size + 1;
    for (std::uint64_t pgno = offset / page_size + 1; pgno <= last; ++pgno) {
      if (pgno >= kNone) return;
      if (pages_.empty() || pages_.back() != pgno) pages_.push_back(static_cast<Pgno>(pgno));
    }
    if (pages_.size() > compact_at_) compact();
  }
  // The file was cut or extended: whatever stands behind `size` bytes may be new.
  void resized(std::uint64_t size, std::uint32_t page_size) {
    const std::uint64_t pgno = size / page_size + 1;
    if (pgno < from_) from_ = static_cast<Pgno>(pgno);
  }

  // All pages that may have changed in a database of `commit` pages, ascending; pages behind
  // `old_commit` are new.
  std::vector<Pgno> candidates(Pgno old_commit, Pgno commit) {
    compact();
    const Pgno from = std::min({from_, old_commit + 1});
    std::vector<Pgno> all;
    for (const Pgno pgno : pages_) {
      if (pgno < from && pgno <= commit) all.push_back(pgno);
    }
    for (Pgno pgno = from; pgno <= commit; ++pgno) all.push_back(pgno);
    return all;
  }

  void clear() {
    pages_.clear();
    from_ = kNone;
    compact_at_ = kCompactAt;
  }

 private:
  static constexpr Pgno kNone = UINT32_MAX;
  static constexpr std::size_t kCompactAt = 65536;

  void compact() {
    std::ranges::sort(pages_);
    const auto repeated = std::ranges::unique(pages_);
    pages_.erase(repeated.begin(), repeated.end());
    compact_at_ = std::max(kCompactAt, pages_.size() * 2);
  }

  std::vector<Pgno> pages_;  // in order of writing, or sorted after compact()
  Pgno from_ = kNone;        // all pages from here on
  std::size_t compact_at_ = kCompactAt;
};

}  // namespace litetool
