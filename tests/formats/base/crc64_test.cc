#include "formats/base/crc64.h"

#include <catch2/catch.hpp>
#include <map>

namespace litetool {
namespace {

// Published generator of the vectors: s = s * a + c, the top byte of each state.
Buffer lcg(std::size_t n, std::uint64_t seed = 1) {
  Buffer out(n);
  for (std::byte& b : out) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    b = static_cast<std::byte>(seed >> 56);
  }
  return out;
}

Buffer filled(std::size_t n, unsigned value) {
  return Buffer(n, static_cast<std::byte>(value));
}

std::string crc_of(Bytes b) {
  return hex16(crc64(0, b));
}

Checksum database(const std::vector<Buffer>& pages) {
  Checksum sum = kEmptyDatabase;
  for (std::size_t i = 0; i < pages.size(); ++i) {
    sum = checksum_xor(sum, page_checksum(static_cast<Pgno>(i + 1), pages[i]));
  }
  return sum;
}

}  // namespace

TEST_CASE("crc64: published vectors") {
  const std::map<std::string, std::string> vectors = {
      {"", "0000000000000000"},
      {"a", "3420000000000000"},
      {"abc", "3776c42000000000"},
      {"123456789", "b90956c775a41001"},
      {"abcdefghij", "7f5b6e21b002d367"},
      {"Discard medicine more than two years old.", "8ec0e7c835bf9cdf"},
      {"This is a test of the emergency broadcast system.", "e7fcf1006b503b61"},
  };
  for (const auto& [text, want] : vectors) CHECK(crc_of(as_bytes(text)) == want);
  CHECK(crc_of(filled(64, 0)) == "906fff906fffffff");
  CHECK(crc_of(filled(512, 0)) == "7cd9900000000000");
  CHECK(crc_of(filled(4096, 0)) == "492fc33c906fff90");
  CHECK(crc_of(filled(65536, 0)) == "cd4e4133995d735c");
  CHECK(crc_of(lcg(7)) == "bdd744f67654ced0");
  CHECK(crc_of(lcg(8)) == "db2dd744f67654ce");
  CHECK(crc_of(lcg(9)) == "79cb2dd744f67654");
  CHECK(crc_of(lcg(255)) == "c5f3eafa6cc3505a");
  CHECK(crc_of(lcg(256)) == "7865f3eafa6cc350");
  CHECK(crc_of(lcg(257)) == "2c3865f3eafa6cc3");
  CHECK(crc_of(lcg(4096)) == "e5c54ddd61ad6e4f");
  CHECK(crc_of(lcg(4100)) == "2d58dc99d5c54ddd");
  CHECK(crc_of(lcg(1048576)) == "9f209f6c2233506c");
}

TEST_CASE("crc64: zero pages with their page number, all page sizes") {
  const std::map<std::size_t, std::string> vectors = {
      {512, "6fffffffecd99000"},   {1024, "acfffffff8ca28bf"},  {2048, "3ca9cfffac9696f9"},
      {4096, "acacffacd92fc33c"},  {8192, "ea209ff0b0293cff"},  {16384, "147c472f898c0c90"},
      {32768, "1ab63cffd126488c"}, {65536, "a0b24c531d4e4133"},
  };
  for (const auto& [size, want] : vectors) CHECK(crc_of(filled(4 + size, 0)) == want);
}

TEST_CASE("crc64: all implementations agree at every length, alignment and start") {
  const Buffer data = lcg(6100);
  for (std::size_t length = 0; length < 6000; length += length < 600 ? 1 : 37) {
    for (const std::size_t shift : {0u, 1u, 5u}) {
      const Bytes b = Bytes(data).subspan(shift, length);
      const std::uint64_t init = length * 0x9E3779B97F4A7C15u;
      const std::uint64_t want = crc64_byte_table(init, b);
      REQUIRE(crc64_portable(init, b) == want);
      REQUIRE(crc64_isal(init, b) == want);
      REQUIRE(crc64(init, b) == want);
    }
  }
}

TEST_CASE("crc64: combine equals the CRC of the concatenation") {
  const Buffer data = lcg(5000);
  for (const std::size_t cut : {0u, 1u, 8u, 63u, 894u, 4999u, 5000u}) {
    const Bytes a = Bytes(data).first(cut);
    const Bytes b = Bytes(data).subspan(cut);
    const std::uint64_t want = crc64(0, data);
    CHECK(crc64_combine(crc64(0, a), crc64(0, b), b.size()) == want);
    CHECK(Crc64Combiner(b.size())(crc64(0, a), crc64(0, b)) == want);
  }
  // x^(8 * 4106), the constant for one v3 block frame of a 4 KiB page: 1 * x^n, with 1 = bit 63.
  CHECK(hex16(crc64_combine(0x8000000000000000, 0, 4106)) == "00a2cf387afa58d8");
}

TEST_CASE("page checksum: published vectors") {
  CHECK(page_checksum(1, filled(512, 1)).text() == "e4e4aaa102377eee");
  CHECK(page_checksum(1, filled(512, 5)).text() == "99b1d11ab98cc555");
  CHECK(page_checksum(2, filled(512, 2)).text() == "c9c9554231044ddd");
  CHECK(page_checksum(2, filled(512, 3)).text() == "c29c0bacdfeaa333");
  CHECK(page_checksum(1, filled(4096, 0)).text() == "d9328f592d9e733d");
  CHECK(page_checksum(2, filled(4096, 0)).text() == "f7901e47304ca33f");
  CHECK(page_checksum(1, filled(4096, 0xff)).text() == "bce2dc0abd0e73ad");
  CHECK(page_checksum(1, lcg(4096, 1)).text() == "f5d801b8dc5ce2e2");
  CHECK(page_checksum(2, lcg(4096, 2)).text() == "f8d6d3c7d5bd0d80");
  CHECK(page_checksum(0x01020304, lcg(4096, 1)).text() == "9bb69a729bad5ca2");
  const std::map<std::size_t, std::string> by_size = {
      {512, "e9d1ed71a46df3ec"},   {1024, "e2f67bebf92b3313"},  {2048, "91c297131567309c"},
      {8192, "f429697c194d528c"},  {16384, "b7e15feffa3dc73f"}, {32768, "bafce5b727afe319"},
      {65536, "ba9238bac4867fbe"},
  };
  for (const auto& [size, want] : by_size) CHECK(page_checksum(1, lcg(size)).text() == want);
}

TEST_CASE("database checksum: published vectors") {
  CHECK(database({}) == kEmptyDatabase);
  CHECK(database({filled(512, 1), filled(512, 2)}).text() == "ad2dffe333333333");
  CHECK(database({filled(512, 1), filled(512, 3)}).text() == "a678a10ddddddddd");
  CHECK(database({filled(512, 3), filled(512, 2)}).text() == "8b87423eeeeeeeee");
  CHECK(database({filled(512, 1), filled(512, 2), filled(512, 3)}).text() == "efffffffecd99000");
  CHECK(database({filled(512, '1')}).text() == "eb1a999231044ddd");
  CHECK(database({filled(1024, 0x81), filled(1024, 0x82), filled(1024, 0x83)}).text() ==
        "8a249272ad9f7dea");
  CHECK(database({filled(1024, 0x81)}).text() == "eb953fc47685d740");
  std::vector<Buffer> pages;
  const std::vector<std::string> want = {"f5d801b8dc5ce2e2", "8d0ed27f09e1ef62", "f0137b1ea774e78b",
                                         "dec3ba8d85c08ec7", "895aa3599e231539"};
  for (std::size_t k = 0; k < want.size(); ++k) {
    pages.push_back(lcg(4096, k + 1));
    CHECK(database(pages).text() == want[k]);
  }
}

TEST_CASE("database checksum: its blind spots are what the documents say") {
  std::vector<Buffer> pages = {lcg(4096, 1), lcg(4096, 2), lcg(4096, 3)};
  const Checksum want = database(pages);
  std::swap(pages[1], pages[2]);
  CHECK(database(pages) == want);
  std::swap(pages[1], pages[2]);
  pages[1][100] ^= std::byte{0x5a};
  pages[2][100] ^= std::byte{0x5a};
  CHECK(database(pages) == want);
  pages[1][100] ^= std::byte{0x5a};
  pages[2][100] ^= std::byte{0x5a};
  pages[1][101] ^= std::byte{0x5a};
  CHECK(database(pages).text() == "d69ab823fa05c107");
}

TEST_CASE("lock page: where SQLite puts it") {
  CHECK(lock_page(4096) == 262145);
  CHECK(lock_page(512) == 2097153);
  CHECK(lock_page(65536) == 16385);
}

}  // namespace litetool
