// The on-disk variants of LTX and what tells them apart.
//
// Every released variant has the magic `LTX1` and no version number; which one a file is follows
// from its structure (see detect.h). Names are by the release of the ltx library that wrote them
// first.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "formats/base/result.h"

namespace litetool::ltx {

enum class Variant : std::uint8_t {
  kV01,      // "v0.1"     96-byte header, page headers and pages apart, three checksums
  kV020,     // "v0.2.0"   52-byte header with a database id, raw pages
  kV022,     // "v0.2.2"   the same fields in 100 bytes
  kV1Raw,    // "v1-raw"   0.2.3 to 0.3.18: 100-byte header, raw pages
  kV1Lz4,    // "v1-lz4"   0.3.x: the whole page block in one LZ4 frame (LiteFS)
  kV2,       // "v2"       0.4.0: an LZ4 frame a page, page index
  kV3Frame,  // "v3-frame" 0.5.0: page headers with flags (Litestream 0.5.0 to 0.5.15)
  kV3Block,  // "v3-block" 0.5.2: sized LZ4 blocks (Litestream 0.5.16 on, and litetool)
};

constexpr std::array<Variant, 8> kAllVariants = {
    Variant::kV01,   Variant::kV020, Variant::kV022,    Variant::kV1Raw,
    Variant::kV1Lz4, Variant::kV2,   Variant::kV3Frame, Variant::kV3Block};
constexpr std::array<Variant, 5> kWritableVariants = {
    Variant::kV1Raw, Variant::kV1Lz4, Variant::kV2, Variant::kV3Frame, Variant::kV3Block};

// Header flags of the 100-byte header.
constexpr std::uint32_t kFlagLz4Block = 0x1;    // the page block is one LZ4 frame; v1-lz4 only
constexpr std::uint32_t kFlagNoChecksum = 0x2;  // pre- and post-apply are 0; 0.3.15 and later

// Page header flag of v3: u32 size and an LZ4 block follow instead of an LZ4 frame.
constexpr std::uint16_t kPageFlagSized = 0x0001;

constexpr bool is_v3(Variant v) {
  return v == Variant::kV3Frame || v == Variant::kV3Block;
}
// 0.2.2 and older: database id, no WAL fields, timestamps in seconds.
constexpr bool has_dbid(Variant v) {
  return v <= Variant::kV022;
}
constexpr bool has_page_index(Variant v) {
  return v >= Variant::kV2;
}
constexpr bool is_writable(Variant v) {
  return v >= Variant::kV1Raw;
}
// Files of 0.2.10 and older may hold the lock page; v1-raw covers those.
constexpr bool may_hold_lock_page(Variant v) {
  return v <= Variant::kV1Raw;
}
// commit = 0 ("database dropped") came with 0.3.7.
constexpr bool allows_drop(Variant v) {
  return v >= Variant::kV1Raw;
}

constexpr std::uint32_t header_size(Variant v) {
  return v == Variant::kV01 ? 96 : v == Variant::kV020 ? 52 : 100;
}
// Bytes of a page header in the page block; also of its zero terminator. v0.1 has none there.
constexpr std::uint32_t page_header_size(Variant v) {
  return v == Variant::kV01 ? 0 : is_v3(v) ? 6 : 4;
}
constexpr std::uint32_t flag_mask(Variant v) {
  if (v <= Variant::kV022) return 0;
  return v == Variant::kV1Lz4 ? kFlagLz4Block | kFlagNoChecksum : kFlagNoChecksum;
}
// The version number that the ltx tool prints: 1 up to 0.3.x, 2 for 0.4.0, 3 for 0.5.x.
constexpr int library_version(Variant v) {
  return is_v3(v) ? 3 : v == Variant::kV2 ? 2 : 1;
}

std::string_view variant_name(Variant v);
// kUsage, with the list of names, for anything else.
Result<Variant> parse_variant(std::string_view name);

}  // namespace litetool::ltx
