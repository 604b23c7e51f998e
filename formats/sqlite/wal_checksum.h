// The running checksum of SQLite's WAL and wal-index.
//
// Over words x0, x1, ... of 32 bits: s1 += x0 + s2; s2 += x1 + s1; and so on in pairs. In a WAL the
// words are little-endian or big-endian as its magic says, in a wal-index native. All arithmetic is
// modulo 2^32.
#pragma once

#include <cstdint>

#include "formats/base/bytes.h"

namespace litetool {

struct WalChecksum {
  std::uint32_t s1 = 0;
  std::uint32_t s2 = 0;
  bool operator==(const WalChecksum&) const = default;
};

// The checksum `start` continued over `b`, whose size is a multiple of 8.
WalChecksum wal_checksum(WalChecksum start, Bytes b, bool big_endian);

// The definition, word by word: what the fast paths behind wal_checksum() are tested against.
WalChecksum wal_checksum_serial(WalChecksum start, Bytes b, bool big_endian);

}  // namespace litetool
