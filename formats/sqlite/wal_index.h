// The wal-index: the -shm file that clients of one WAL share. All integers in native byte order.
//
//   off size name               meaning
//     0    4 version            3007000
//     4    4 unused             padding
//     8    4 change_counter     +1 for each published commit
//    12    1 is_init            1 once the index describes the log
//    13    1 big_endian         1 = checksums of the log over big-endian words
//    14    2 page_size          1 means 65536
//    16    4 mx_frame           last published commit frame, from 1; 0 = the log is empty
//    20    4 size_pages         database size in pages after that commit
//    24    8 frame_checksum     chain after that frame: two u32, equal as numbers to the log's
//    32    8 salts              the 8 bytes as they stand in the log's header
//    40    8 checksum           of bytes 0-39, the WAL checksum over native words
//    48   48 second copy        of bytes 0-47
//    96    4 n_backfill         frames that are in the database file already
//   100   20 read_marks         5 times u32; 0xffffffff = not in use
//   120    8 lock bytes         never written
//   128    4 n_backfill_attempted
//   132    4 unused
//
// Then the hash tables that find the frames of a page, one block of 32 KiB for 4096 frames (the
// first, which holds the header too, for 4062): page numbers as u32, one for each frame in order,
// then 8192 slots of u16. A page is in the slot pgno * 383 % 8192 or in one of those after it; a
// slot holds the index in the block, from 1, of the frame; 0 = free.
//
// Valid: both copies are equal, is_init is 1 and the checksum is right. A writer changes the second
// copy first, then a barrier, then the first; a reader without a lock that finds them different
// looks again.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "formats/base/bytes.h"
#include "formats/base/ids.h"
#include "formats/base/result.h"
#include "formats/sqlite/wal.h"

namespace litetool {

constexpr std::size_t kWalIndexHeaderSize = 136;
constexpr std::size_t kWalIndexBlockSize = 32768;
constexpr std::uint32_t kReadMarkUnused = 0xffffffff;

struct WalIndexHeader {
  std::uint32_t change_counter = 0;
  bool big_endian_checksum = false;
  std::uint32_t page_size = 0;   // bytes
  std::uint32_t mx_frame = 0;    // last published commit frame, 0 = none
  std::uint32_t size_pages = 0;  // of the database after it
  WalChecksum frame_checksum;    // the chain after it
  WalSalts salts = 0;
  std::uint32_t n_backfill = 0;
  std::array<std::uint32_t, 5> read_marks{};
  std::uint32_t n_backfill_attempted = 0;

  // The walk's state after the last published frame, to compare with or to go on from. With
  // mx_frame 0 its checksum is stale; take wal_start() of the log's header then.
  WalState state() const { return {salts, mx_frame, frame_checksum}; }
};

enum class WalIndexVerdict : std::uint8_t {
  kOk,
  kTorn,            // being written right now, or damaged: look again
  kNotInitialised,  // empty, short, or not built yet: nothing is published in it
  kUnsupported,     // sound, but of another version or with an impossible page size
};
const char* wal_index_verdict_text(WalIndexVerdict verdict);

struct WalIndexLook {
  WalIndexVerdict verdict = WalIndexVerdict::kNotInitialised;
  WalIndexHeader header;  // meaningful when the verdict is kOk
};

// Judges the first 136 bytes of a -shm file; fewer are "not initialised", more may be given. Both
// copies must have been read in one piece or the first one first.
WalIndexLook decode_wal_index(Bytes first);

// The page of each frame 1 ... mx_frame by the hash tables in `shm`, the whole file. kCorrupt with
// the offset when the file is too short for mx_frame, a page number is 0, or a frame cannot be
// found through its slots.
Result<std::vector<Pgno>> wal_index_pages(Bytes shm, std::uint32_t mx_frame);

}  // namespace litetool
