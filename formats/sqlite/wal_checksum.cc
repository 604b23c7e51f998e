#include "formats/sqlite/wal_checksum.h"

#include <array>

#include "formats/base/result.h"

namespace litetool {
namespace {

// With the two sums and the words in one row - t[-2] = s1, t[-1] = s2, t[n] = t[n-1] + t[n-2] +
// x[n] - the checksum is a Fibonacci recurrence, so a block's share in the result is a dot product
// of its words with Fibonacci numbers. That breaks the chain of additions: SIMD lanes work side by
// side, and one block waits for the one before it only in four multiplications.
constexpr std::size_t kBlockWords = 128;
constexpr std::size_t kBlockSize = kBlockWords * 4;

struct BlockTables {
  std::array<std::uint32_t, kBlockWords> s1{};  // factor of each word in t[127 - 1]
  std::array<std::uint32_t, kBlockWords> s2{};  // factor of each word in t[127]
  std::uint32_t s1_from_s1 = 0, s1_from_s2 = 0, s2_from_s1 = 0, s2_from_s2 = 0;
};

constexpr BlockTables make_tables() {
  BlockTables t;
  std::array<std::uint32_t, kBlockWords + 2> fibonacci{};  // 0, 1, 1, 2, 3, ... modulo 2^32
  fibonacci[1] = 1;
  for (std::size_t i = 2; i < fibonacci.size(); ++i) {
    fibonacci[i] = fibonacci[i - 1] + fibonacci[i - 2];
  }
  for (std::size_t i = 0; i < kBlockWords; ++i) {
    t.s2[i] = fibonacci[kBlockWords - i];
    t.s1[i] = fibonacci[kBlockWords - i - 1];
  }
  t.s1_from_s1 = fibonacci[kBlockWords - 1];
  t.s1_from_s2 = fibonacci[kBlockWords];
  t.s2_from_s1 = fibonacci[kBlockWords];
  t.s2_from_s2 = fibonacci[kBlockWords + 1];
  return t;
}
constexpr BlockTables kTables = make_tables();

template <bool kBigEndian>
std::uint32_t word(const std::byte* p) {
  return kBigEndian ? load_be<std::uint32_t>(p) : load_le<std::uint32_t>(p);
}

template <bool kBigEndian>
WalChecksum serial(WalChecksum c, Bytes b) {
  const std::byte* p = b.data();
  for (const std::byte* end = p + b.size(); p != end; p += 8) {
    c.s1 += word<kBigEndian>(p) + c.s2;
    c.s2 += word<kBigEndian>(p + 4) + c.s1;
  }
  return c;
}

#if defined(__x86_64__)

// `b` is a whole number of blocks. x86 is little-endian, and so are the words.
__attribute__((target("avx2"))) WalChecksum blocks_avx2(WalChecksum c, Bytes b) {
  using Lanes = std::uint32_t __attribute__((vector_size(32)));
  constexpr std::size_t kLanes = 8;
  for (std::size_t at = 0; at < b.size(); at += kBlockSize) {
    Lanes sum1[2] = {};
    Lanes sum2[2] = {};
    for (std::size_t i = 0; i < kBlockWords; i += kLanes) {
      Lanes words, factors1, factors2;
      std::memcpy(&words, b.data() + at + i * 4, sizeof words);
      std::memcpy(&factors1, kTables.s1.data() + i, sizeof factors1);
      std::memcpy(&factors2, kTables.s2.data() + i, sizeof factors2);
      sum1[i / kLanes % 2] += words * factors1;
      sum2[i / kLanes % 2] += words * factors2;
    }
    std::uint32_t s1 = kTables.s1_from_s1 * c.s1 + kTables.s1_from_s2 * c.s2;
    std::uint32_t s2 = kTables.s2_from_s1 * c.s1 + kTables.s2_from_s2 * c.s2;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      s1 += sum1[0][lane] + sum1[1][lane];
      s2 += sum2[0][lane] + sum2[1][lane];
    }
    c = {s1, s2};
  }
  return c;
}

bool has_avx2() {
  static const bool value = __builtin_cpu_supports("avx2") != 0;
  return value;
}

#else

WalChecksum blocks_avx2(WalChecksum c, Bytes b) {
  return serial<false>(c, b);
}
bool has_avx2() {
  return false;
}

#endif

}  // namespace

WalChecksum wal_checksum_serial(WalChecksum start, Bytes b, bool big_endian) {
  LT_CHECK(b.size() % 8 == 0);
  return big_endian ? serial<true>(start, b) : serial<false>(start, b);
}

WalChecksum wal_checksum(WalChecksum start, Bytes b, bool big_endian) {
  if (big_endian || b.size() < kBlockSize || !has_avx2()) {
    return wal_checksum_serial(start, b, big_endian);
  }
  const std::size_t whole = b.size() / kBlockSize * kBlockSize;
  return wal_checksum_serial(blocks_avx2(start, b.first(whole)), b.subspan(whole), false);
}

}  // namespace litetool
