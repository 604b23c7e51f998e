#include "formats/base/crc64.h"

#include <isa-l/crc64.h>

namespace litetool {
namespace {

constexpr std::uint64_t kPoly = 0xD800000000000000;

constexpr std::array<std::uint64_t, 256> make_byte_table() {
  std::array<std::uint64_t, 256> table{};
  for (std::uint64_t i = 0; i < 256; ++i) {
    std::uint64_t c = i;
    for (int bit = 0; bit < 8; ++bit) c = (c & 1) != 0 ? (c >> 1) ^ kPoly : c >> 1;
    table[i] = c;
  }
  return table;
}
constexpr auto kByteTable = make_byte_table();

// Register (not visible) value after more bytes, one at a time.
std::uint64_t roll_bytes(std::uint64_t reg, const std::byte* p, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    reg = kByteTable[(reg ^ std::to_integer<std::uint64_t>(p[i])) & 0xff] ^ (reg >> 8);
  }
  return reg;
}

// t * x^64 mod P. P is so sparse that the bits shifted out (H) fold back with four XORs.
std::uint64_t times_x64(std::uint64_t t) {
  const std::uint64_t h = t << 63 ^ t << 61 ^ t << 60;
  return t ^ t >> 1 ^ t >> 3 ^ t >> 4 ^ h ^ h >> 1 ^ h >> 3 ^ h >> 4;
}

// Eight independent 64-bit lanes; the compiler maps them to whatever vectors the CPU has.
using Lanes = std::uint64_t __attribute__((vector_size(64)));
constexpr std::size_t kLaneBytes = sizeof(Lanes);

// Every lane * x^512 mod P: the distance between two values of one lane is 64 bytes.
// By reference: a 64-byte vector argument would make the ABI depend on the compiler's vector flags.
void times_x512(Lanes& t) {
  const Lanes h = t << 56 ^ t << 40 ^ t << 32;
  t = t ^ t >> 8 ^ t >> 24 ^ t >> 32 ^ h ^ h >> 1 ^ h >> 3 ^ h >> 4;
}

void load_lanes(Lanes& t, const std::byte* p) {
  for (std::size_t i = 0; i < 8; ++i) t[i] = load_le<std::uint64_t>(p + 8 * i);
}

// Product of two polynomials mod P; bit 63 is x^0. Without branches on the data, which are
// unpredictable.
constexpr std::uint64_t mulmod(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  for (; a != 0; a <<= 1) {
    product ^= b & (0 - (a >> 63));
    b = (b >> 1) ^ (kPoly & (0 - (b & 1)));
  }
  return product;
}

// x^(8 * 2^k) mod P for every k.
constexpr std::array<std::uint64_t, 64> make_powers() {
  std::array<std::uint64_t, 64> powers{};
  powers[0] = std::uint64_t{1} << (63 - 8);
  for (std::size_t k = 1; k < powers.size(); ++k) powers[k] = mulmod(powers[k - 1], powers[k - 1]);
  return powers;
}
constexpr auto kPowers = make_powers();

// x^(8 * bytes) mod P: one product for each bit of `bytes`.
std::uint64_t x_to_bytes(std::uint64_t bytes) {
  std::uint64_t result = std::uint64_t{1} << 63;  // x^0
  for (std::size_t k = 0; bytes != 0; ++k, bytes >>= 1) {
    if ((bytes & 1) != 0) result = mulmod(result, kPowers[k]);
  }
  return result;
}

// ISA-L falls back to a byte table on CPUs without carry-less multiplication: slower than our
// lanes.
bool cpu_has_carryless_multiply() {
#if defined(__x86_64__) || defined(__i386__)
  return __builtin_cpu_supports("pclmul") != 0;
#elif defined(__aarch64__)
  return true;  // ISA-L's aarch64 build uses PMULL, which every server core has
#else
  return false;
#endif
}

}  // namespace

std::uint64_t crc64_byte_table(std::uint64_t crc, Bytes b) {
  return ~roll_bytes(~crc, b.data(), b.size());
}

std::uint64_t crc64_portable(std::uint64_t crc, Bytes b) {
  if (b.size() < 2 * kLaneBytes) return crc64_byte_table(crc, b);
  const std::byte* p = b.data();
  std::size_t left = b.size();
  Lanes lanes;
  load_lanes(lanes, p);
  lanes[0] ^= ~crc;
  for (p += kLaneBytes, left -= kLaneBytes; left >= kLaneBytes;
       p += kLaneBytes, left -= kLaneBytes) {
    Lanes next;
    load_lanes(next, p);
    times_x512(lanes);
    lanes ^= next;
  }
  std::uint64_t reg = 0;
  for (std::size_t i = 0; i < 8; ++i) reg = times_x64(reg ^ lanes[i]);
  return ~roll_bytes(reg, p, left);
}

std::uint64_t crc64_isal(std::uint64_t crc, Bytes b) {
  return crc64_iso_refl(crc, reinterpret_cast<const unsigned char*>(b.data()), b.size());
}

bool crc64_uses_isal() {
  static const bool uses = cpu_has_carryless_multiply();
  return uses;
}

std::uint64_t crc64(std::uint64_t crc, Bytes b) {
  if (b.empty()) return crc;
  return crc64_uses_isal() ? crc64_isal(crc, b) : crc64_portable(crc, b);
}

std::uint64_t crc64_combine(std::uint64_t crc_a, std::uint64_t crc_b, std::uint64_t length_b) {
  return mulmod(crc_a, x_to_bytes(length_b)) ^ crc_b;
}

// The table is linear in the value: each bit's entry is the one before times x, the rest are sums.
Crc64Combiner::Crc64Combiner(std::uint64_t length_b) {
  std::uint64_t product = x_to_bytes(length_b);  // of bit 63, which is x^0
  for (std::size_t position = 8; position-- > 0;) {
    auto& table = table_[position];
    table[0] = 0;
    for (std::size_t bit = 0x80; bit != 0; bit >>= 1) {
      table[bit] = product;
      product = (product & 1) != 0 ? (product >> 1) ^ kPoly : product >> 1;
    }
    for (std::size_t value = 1; value < 256; ++value) {
      const std::size_t lowest = value & (~value + 1);
      table[value] = table[lowest] ^ table[value ^ lowest];
    }
  }
}

std::uint64_t Crc64Combiner::operator()(std::uint64_t crc_a, std::uint64_t crc_b) const {
  for (std::size_t position = 0; position < 8; ++position) {
    crc_b ^= table_[position][(crc_a >> (8 * position)) & 0xff];
  }
  return crc_b;
}

Checksum page_checksum(Pgno pgno, Bytes page) {
  // The register after the four page number bytes, by shifts instead of a second CRC call.
  const std::uint64_t t = ~std::uint64_t{byte_swap(pgno)};
  const std::uint64_t h = t << 32;
  const std::uint64_t reg = t >> 32 ^ h ^ h >> 1 ^ h >> 3 ^ h >> 4;
  return as_checksum(crc64(~reg, page));
}

}  // namespace litetool
