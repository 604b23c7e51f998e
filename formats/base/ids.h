// The numbers LTX is made of: TXID, page number, checksum, position.
//
// Printed forms are those of the LTX family: TXID and checksum as 16 lower-case hex digits, a
// position as "txid/checksum" (33 characters).
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "formats/base/result.h"

namespace litetool {

// 1-based page number of a SQLite database; 0 is "none". A plain integer: it is counted and indexed
// with everywhere, and the compiler's -Wconversion watches its width.
using Pgno = std::uint32_t;

constexpr std::uint32_t kMinPageSize = 512;
constexpr std::uint32_t kMaxPageSize = 65536;
constexpr std::uint64_t kLockByte = 0x40000000;  // SQLite's PENDING byte

constexpr bool is_page_size(std::uint32_t n) {
  return n >= kMinPageSize && n <= kMaxPageSize && (n & (n - 1)) == 0;
}
// The page that holds the lock byte. SQLite never stores anything in it, LTX never carries it.
constexpr Pgno lock_page(std::uint32_t page_size) {
  return static_cast<Pgno>(kLockByte / page_size + 1);
}

// Transaction id, >= 1; 0 means "before the first transaction".
struct Txid {
  std::uint64_t value = 0;
  auto operator<=>(const Txid&) const = default;
  Txid next() const { return Txid{value + 1}; }
  std::string text() const;  // 16 hex digits
};

constexpr Txid kLastTxid{~std::uint64_t{0}};

// LTX checksum of a page, database or file. Bit 63 (kFlag) is always set in a real one, so 0 is
// free to mean "no checksum".
struct Checksum {
  static constexpr std::uint64_t kFlag = 0x8000000000000000;
  std::uint64_t value = 0;
  auto operator<=>(const Checksum&) const = default;
  bool present() const { return value != 0; }
  bool well_formed() const { return (value & kFlag) != 0; }
  std::string text() const;  // 16 hex digits
};

// Checksum of a database without pages.
constexpr Checksum kEmptyDatabase{Checksum::kFlag};

// Where a database stands: the last transaction and the database checksum after it.
struct Pos {
  Txid txid;
  Checksum checksum;
  auto operator<=>(const Pos&) const = default;
  std::string text() const;  // "0000000000000002/a678a10ddddddddd"
};

std::string hex16(std::uint64_t v);
// Exactly 16 hex digits of either case.
Result<std::uint64_t> parse_hex16(std::string_view s);

}  // namespace litetool
