// Puts the pages of a transaction into an LTX image: compressed in haste, because a client may wait
// for it; compaction takes its time later.
#pragma once

#include <utility>
#include <vector>

#include "core/capture/transaction.h"
#include "formats/ltx/encoder.h"

namespace litetool {

using PageSums = std::vector<std::pair<Pgno, Checksum>>;

// Keeps its buffers from one transaction to the next. Not thread-safe.
class TransactionEncoder {
 public:
  // Adds all pages, and appends the checksum of each to `sums`. A large transaction is read by the
  // caller's thread and compressed by two, in pieces: memory does not grow with it.
  Status add(ltx::Encoder& encoder, const Transaction& transaction, PageSums& sums);

 private:
  Status add_large(ltx::Encoder& encoder, const Transaction& transaction, PageSums& sums);

  Buffer scratch_;
  ltx::PreparedFrame frame_;
};

}  // namespace litetool
