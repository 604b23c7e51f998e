// The file "checksums": what a clean stop leaves so that the next start need not read the database.
//
// All integers big-endian.
//   off size
//     0    4  magic "LTCS"
//     4    4  version, 2
//     8    4  page size
//    12    4  n: pages of the database
//    16   16  position of the history: TXID, database checksum
//    32   40  fingerprint of the database file: size, mtime s, mtime ns, inode, device (u64 each)
//    72   40  the same of the WAL; all zero without one
//   112   40  the same of the newest file of the history, which was synced
//   152   24  captured WAL state: salts u64, frame u32, checksum pair u32 u32, zero u32
//   176  8*n  page checksums, 0 for the lock page
//         8  CRC-64 of everything before
//
// Valid when magic, version, length and CRC are right. It is true only for a history that ends at
// its position and for files with its fingerprints, and is removed when a start has read it.
#pragma once

#include <string>

#include "core/capture/page_checksums.h"
#include "core/os/env.h"
#include "core/os/fingerprint.h"
#include "formats/sqlite/wal.h"

namespace litetool {

struct CleanStop {
  std::uint32_t page_size = 0;
  Pos pos;
  FileFingerprint database{};
  FileFingerprint wal{};
  FileFingerprint history{};
  WalState wal_state;
  PageChecksums checksums;
};

// Written aside, synced and renamed into `folder`.
Status write_clean_stop(Env& env, int dir, const std::string& folder, const CleanStop& stop);
// kNotFound when there is none, kCorrupt when it cannot be trusted. `most_pages`: a database of
// more is not expected, and a file that promises them is not read.
Result<CleanStop> read_clean_stop(Env& env, int dir, const std::string& folder,
                                  std::uint64_t most_pages = UINT32_MAX);
// Removed before anything changes; not being there is fine.
Status remove_clean_stop(Env& env, int dir, const std::string& folder);

}  // namespace litetool
