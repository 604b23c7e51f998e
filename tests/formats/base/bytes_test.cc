#include "formats/base/bytes.h"

#include <catch2/catch.hpp>

namespace litetool {

TEST_CASE("byte reader: fields in order, then a sticky failure") {
  const Buffer b = {std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}, std::byte{5}};
  ByteReader r(b);
  CHECK(r.be<std::uint16_t>() == 0x0102);
  CHECK(r.le<std::uint16_t>() == 0x0403);
  CHECK(r.ok());
  CHECK(r.be<std::uint32_t>() == 0);
  CHECK_FALSE(r.ok());
  CHECK(r.be<std::uint8_t>() == 0);
}

TEST_CASE("byte writer: what it writes is what the reader reads") {
  Buffer b;
  ByteWriter w(b);
  w.be<std::uint32_t>(0xdeadbeef);
  w.be<std::uint64_t>(42);
  w.zeros(2);
  ByteReader r(b);
  CHECK(r.be<std::uint32_t>() == 0xdeadbeef);
  CHECK(r.be<std::uint64_t>() == 42);
  CHECK(all_zero(r.bytes(2)));
  CHECK(r.remaining() == 0);
}

TEST_CASE("hexdump: equal rows collapse, the last row stays") {
  Buffer b(64, std::byte{0});
  b[0] = std::byte{'A'};
  CHECK(hexdump(b) ==
        "00000000  41 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |A...............|\n"
        "00000010  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n"
        "***\n"
        "00000030  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n");
  CHECK(to_hex(Bytes(b).first(2)) == "4100");
}

}  // namespace litetool
