// Puts the pages of a transaction into an LTX image: compressed in haste, because a client may wait
// for it; compaction takes its time later.
#pragma once

#include <cstddef>
#include <vector>

#include "core/capture/transaction.h"
#include "formats/ltx/encoder.h"

namespace litetool {

// The checksums of some pages, 12 bytes each.
class TransactionSums {
 public:
  std::size_t size() const { return pages_.size(); }
  Pgno page(std::size_t i) const { return pages_[i]; }
  Checksum sum(std::size_t i) const { return sums_[i]; }

  void add(Pgno pgno, Checksum sum) {
    pages_.push_back(pgno);
    sums_.push_back(sum);
  }
  void reserve(std::size_t n) {
    pages_.reserve(n);
    sums_.reserve(n);
  }
  // Keeps the memory for as many as a common transaction has.
  void clear() {
    constexpr std::size_t kCommon = 1 << 14;
    if (pages_.capacity() > kCommon) {
      *this = TransactionSums();
      return;
    }
    pages_.clear();
    sums_.clear();
  }

 private:
  std::vector<Pgno> pages_;
  std::vector<Checksum> sums_;
};

// Keeps its buffers from one transaction to the next. Not thread-safe.
class TransactionEncoder {
 public:
  // Adds all pages, and appends the checksum of each to `sums`. A large transaction is read by the
  // caller's thread and compressed by two, in pieces: memory does not grow with it.
  Status add(ltx::Encoder& encoder, const Transaction& transaction, TransactionSums& sums);

 private:
  Status add_large(ltx::Encoder& encoder, const Transaction& transaction, TransactionSums& sums);

  Buffer scratch_;
  ltx::PreparedFrame frame_;
};

}  // namespace litetool
