// What only LTX v0.1 has: its 96-byte header and its events. Big-endian.
//   off size
//     0    4  magic `LTX1`
//     4    4  flags, 0
//     8    4  page size
//    12    4  page count, >= 1
//    16    4  event count
//    20    4  total bytes of event data, 0 exactly if there are no events
//    24    4  commit, >= 1
//    28    4  database id, >= 1
//    32    8  min TXID
//    40    8  max TXID
//    48    8  timestamp in seconds
//    56    8  pre-apply checksum, 0 exactly for a snapshot
//    64    8  post-apply checksum
//    72    8  header block checksum: all bytes from 96 to the page block
//    80    8  page block checksum
//    88    8  header checksum: bytes 0..87
// Then the header block: page headers of 32 bytes (u32 pgno, nonce 12, tag 16), events (u32 size,
// nonce 12, tag 16, data), zeros up to a multiple of the page size. Then the page block: pages raw,
// in page header order. Nothing follows.
#pragma once

#include <vector>

#include "formats/base/byte_source.h"
#include "formats/ltx/header.h"

namespace litetool::ltx {

constexpr std::size_t kV01HeaderSize = 96;
constexpr std::size_t kV01PageHeaderSize = 32;
constexpr std::size_t kV01EventHeaderSize = 32;

// True if the header checksum of v0.1 is right: what tells it from every other variant.
bool is_v01_header(Bytes b);
// Fields of at least 96 bytes, checked against their own rules; decode_header() checks the common
// ones.
Result<Header> decode_v01_header(Bytes b);
// Offset of the page block from the start of the file.
std::uint64_t v01_page_block_offset(const Header& h);

// The data of all events of a v0.1 file that starts at `offset`; kUnsupported beyond 64 MiB or a
// million of them.
Result<std::vector<Buffer>> read_v01_events(const ByteSource& source, std::uint64_t offset,
                                            const Header& h);

}  // namespace litetool::ltx
