// Puts the pages of a transaction into an LTX image: compressed in haste, because a client may wait
// for it; compaction takes its time later.
//
// SQLite commits pages to its WAL that are as they were: a backup over a database writes all of
// them, an UPDATE those of its rows, whatever was in them. They are left out. A page counts as the
// same when its checksum is, as in every capture that compares; its old bytes are not looked for,
// which may stand in the file or far back in the log. A changed page with the checksum of the old
// one (63 bits of a CRC) would be lost, and the checksums of the database would not show it; that
// happens by chance once in 2^63 changed pages.
#pragma once

#include <cstddef>
#include <vector>

#include "core/capture/page_checksums.h"
#include "core/capture/transaction.h"
#include "formats/ltx/encoder.h"

namespace litetool {

// The checksum of each page of a transaction, in its order; absent where the page was left out.
using TransactionSums = std::vector<Checksum>;

// Keeps its buffers from one transaction to the next. Not thread-safe.
class TransactionEncoder {
 public:
  // Adds the pages that differ from those before, whose checksums are `known`, or all where that is
  // null; makes `sums` those of the ones added. A transaction that has changed none is one all the
  // same: its first page goes in. A large one is read by the caller's thread and compressed by two,
  // in pieces: of what it needs only `sums` grows with it.
  Status add(ltx::Encoder& encoder, const Transaction& transaction, const PageChecksums* known,
             TransactionSums& sums);

 private:
  Status add_one(ltx::Encoder& encoder, const Transaction& transaction, std::size_t index,
                 const PageChecksums* known, TransactionSums& sums);
  Status add_large(ltx::Encoder& encoder, const Transaction& transaction,
                   const PageChecksums* known, TransactionSums& sums);

  Buffer scratch_;
  ltx::PreparedFrame frame_;
};

}  // namespace litetool
