// Header and trailer of an LTX file, and its name.
//
// The 100-byte header (v1-raw and later), big-endian:
//   off size
//     0    4  magic `LTX1`
//     4    4  flags: 0x1 page block is one LZ4 frame (v1-lz4), 0x2 no database checksums
//     8    4  page size, a power of two from 512 to 65536
//    12    4  commit: database size in pages after this file; 0 = database dropped
//    16    8  min TXID, >= 1
//    24    8  max TXID, >= min
//    32    8  timestamp, signed ms since the epoch (seconds before 0.2.10: told by their magnitude)
//    40    8  pre-apply checksum: 0 if min TXID is 1 or flag 0x2 is set, else with bit 63
//    48    8  WAL offset of the transaction, signed; 0 if it did not come from a WAL
//    56    8  WAL size in bytes, signed
//    64    4  WAL salt-1
//    68    4  WAL salt-2
//    72    8  node id of the creator
//    80   20  zero
// v0.2.0 (52 bytes) and v0.2.2 (the same and zeros up to 100): 12 commit, 16 u32 database id, 20
// min TXID, 28 max TXID, 36 timestamp, 44 pre-apply. The 96 bytes of v0.1 are in v01.h.
//
// Trailer (all but v0.1): u64 post-apply checksum, u64 file checksum, each with bit 63; post-apply
// is 0 with flag 0x2, and exactly 8000000000000000 for a dropped database.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "formats/base/byte_source.h"
#include "formats/base/bytes.h"
#include "formats/base/ids.h"
#include "formats/base/result.h"
#include "formats/ltx/variant.h"

namespace litetool::ltx {

constexpr std::size_t kMaxHeaderSize = 100;
constexpr std::size_t kTrailerSize = 16;
// "LTX1", and the "LTX4" of encrypted files, which are recognised and not supported.
constexpr std::uint32_t kMagic = 0x4c545831;
constexpr std::uint32_t kMagicEncrypted = 0x4c545834;

// What only the header of v0.1 has. Its post-apply and its checksums stand there, not in a trailer.
struct V01Fields {
  std::uint32_t page_count = 0;
  std::uint32_t event_count = 0;
  std::uint32_t event_bytes = 0;
  Checksum post_apply;
  Checksum header_block_checksum;
  Checksum page_block_checksum;
  Checksum header_checksum;
};

struct Header {
  Variant variant = Variant::kV3Block;
  std::uint32_t flags = 0;  // kFlagLz4Block, kFlagNoChecksum
  std::uint32_t page_size = 0;
  Pgno commit = 0;
  Txid min_txid;
  Txid max_txid;
  std::int64_t timestamp_ms = 0;      // 0: none
  std::int64_t timestamp_stored = 0;  // as read; seconds in old files. Not used for writing
  Checksum pre_apply;
  std::int64_t wal_offset = 0;
  std::int64_t wal_size = 0;
  std::uint32_t wal_salt1 = 0;
  std::uint32_t wal_salt2 = 0;
  std::uint64_t node_id = 0;
  std::uint32_t dbid = 0;        // v0.1 to v0.2.2 only
  std::optional<V01Fields> v01;  // v0.1 only

  // Holds every page of the database.
  bool is_snapshot() const { return min_txid.value == 1; }
  bool has_checksums() const { return (flags & kFlagNoChecksum) == 0; }
  Pgno lock_pgno() const { return lock_page(page_size); }
};

struct Trailer {
  Checksum post_apply;     // 0 without database checksums
  Checksum file_checksum;  // v0.1: its header checksum
};

using HeaderBytes = std::array<std::byte, kMaxHeaderSize>;

// Decodes and validates. `b` has header_size(variant) bytes or more; what is behind them is not
// looked at. Error offsets are relative to `b`.
Result<Header> decode_header(Variant variant, Bytes b);
// Reads that at `offset` of a source; error offsets are the source's. `raw` gets the bytes as well,
// as many as there are.
Result<Header> read_header(const ByteSource& source, Variant variant, std::uint64_t offset,
                           HeaderBytes& raw);
Result<Header> read_header(const ByteSource& source, Variant variant, std::uint64_t offset);
// The bytes of a writable variant's header; validate it first.
HeaderBytes encode_header(const Header& h);

// Every rule a header alone can break; kCorrupt with the offset of the field.
Status validate(const Header& h);
// Rules of a trailer below this header; offsets relative to the trailer.
Status validate(const Trailer& t, const Header& h);

// "0000000000000001-000000000000000a.ltx"
struct TxidRange {
  Txid min;
  Txid max;
  auto operator<=>(const TxidRange&) const = default;
};
std::string file_name(TxidRange range);
// kCorrupt unless it is exactly such a name, in lower case, with 1 <= min <= max.
Result<TxidRange> parse_file_name(std::string_view name);

}  // namespace litetool::ltx
