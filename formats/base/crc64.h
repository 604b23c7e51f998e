// CRC-64/GO-ISO and the checksum algebra that LTX builds on it.
//
// Polynomial x^64 + x^4 + x^3 + x + 1, reflected (0xD800000000000000), register starts all ones,
// final xor all ones. Values here are the *visible* ones: the CRC of nothing is 0 and calls chain
// by passing the previous result. Check value of "123456789": b90956c775a41001.
//
// The work is done by ISA-L where the CPU has carry-less multiplication, else by portable vector
// lanes; both give the same values (tests/formats/base/crc64_test.cc compares them over all
// lengths).
//
// CRC is affine. What follows from that and is used here: values of concatenations can be combined
// (file checksums in parallel), and the XOR of page checksums can be updated page by page. It also
// means a database checksum does not see two swapped pages: use a strong digest for audits.
#pragma once

#include <array>
#include <cstdint>

#include "formats/base/bytes.h"
#include "formats/base/ids.h"

namespace litetool {

// CRC of (what `crc` stands for) followed by `b`; crc = 0 to start.
std::uint64_t crc64(std::uint64_t crc, Bytes b);

// The implementations behind crc64(), for the test that compares them.
std::uint64_t crc64_byte_table(std::uint64_t crc, Bytes b);
std::uint64_t crc64_portable(std::uint64_t crc, Bytes b);
std::uint64_t crc64_isal(std::uint64_t crc, Bytes b);
// True when crc64() uses ISA-L on this CPU.
bool crc64_uses_isal();

// CRC of A followed by B, from crc(A), crc(B) and the length of B in bytes. O(log length).
std::uint64_t crc64_combine(std::uint64_t crc_a, std::uint64_t crc_b, std::uint64_t length_b);

// The same for many B of one length: 16 KiB of tables, eight look-ups a call.
class Crc64Combiner {
 public:
  explicit Crc64Combiner(std::uint64_t length_b);
  std::uint64_t operator()(std::uint64_t crc_a, std::uint64_t crc_b) const;

 private:
  std::array<std::array<std::uint64_t, 256>, 8> table_;
};

// FLAG | CRC(u32be pgno || page).
Checksum page_checksum(Pgno pgno, Bytes page);

// Database checksum: FLAG | XOR of all page checksums, in any order, the lock page left out.
// The same call takes a page out again.
constexpr Checksum checksum_xor(Checksum database, Checksum page) {
  return Checksum{Checksum::kFlag | (database.value ^ page.value)};
}

// A file's CRC as the checksum that stands in its trailer.
constexpr Checksum as_checksum(std::uint64_t crc) {
  return Checksum{Checksum::kFlag | crc};
}

}  // namespace litetool
