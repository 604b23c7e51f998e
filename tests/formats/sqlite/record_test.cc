#include "formats/sqlite/record.h"

#include <catch2/catch.hpp>

namespace litetool {
namespace {

Buffer bytes(std::initializer_list<int> list) {
  Buffer b;
  for (const int x : list) b.push_back(static_cast<std::byte>(x));
  return b;
}

}  // namespace

TEST_CASE("varint: one to nine bytes, and bytes that end inside it") {
  CHECK(read_varint(bytes({0x7f})).value == 127);
  CHECK(read_varint(bytes({0x81, 0x00})).value == 128);
  CHECK(read_varint(bytes({0x81, 0x00})).size == 2);
  const Buffer most(9, std::byte{0xff});
  CHECK(read_varint(most).value == ~std::uint64_t{0});
  CHECK(read_varint(most).size == 9);
  for (std::size_t n = 0; n < 9; ++n) CHECK(read_varint(Bytes(most).first(n)).size == 0);
}

TEST_CASE("record: each serial type yields its value") {
  const Buffer payload = bytes({11,   0,    1,    2,    3,    6,    7,    8,    9,    14, 15,  //
                                0xff, 0x80, 0x00, 0x00, 0x00, 0x05,                            //
                                0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,                //
                                0x40, 0x04, 0,    0,    0,    0,    0,    0,    0xab, 'x'});
  const auto values = decode_record(payload);
  REQUIRE(values);
  REQUIRE(values->size() == 10);
  CHECK((*values)[0].type == ValueType::kNull);
  CHECK((*values)[1].integer == -1);
  CHECK((*values)[2].integer == -32768);
  CHECK((*values)[3].integer == 5);
  CHECK((*values)[4].integer == std::numeric_limits<std::int64_t>::max());
  CHECK((*values)[5].real == 2.5);
  CHECK((*values)[6].integer == 0);
  CHECK((*values)[7].integer == 1);
  CHECK(to_hex((*values)[8].bytes) == "ab");
  CHECK((*values)[9].type == ValueType::kText);
}

TEST_CASE("record: what does not fit is an error") {
  CHECK_FALSE(decode_record({}));
  CHECK_FALSE(decode_record(bytes({0})));           // header smaller than itself
  CHECK_FALSE(decode_record(bytes({3, 0})));        // header larger than the payload
  CHECK_FALSE(decode_record(bytes({2, 1})));        // value is missing
  CHECK_FALSE(decode_record(bytes({2, 10, 0})));    // reserved type
  CHECK_FALSE(decode_record(bytes({2, 0x81, 0})));  // type goes on behind the header
  Buffer huge(10, std::byte{0xff});
  huge[0] = std::byte{10};
  CHECK_FALSE(decode_record(huge));  // value of 2^63 bytes
  Buffer columns(70004, std::byte{0});
  columns[0] = std::byte{0x84};
  columns[1] = std::byte{0xa2};
  columns[2] = std::byte{0x74};
  CHECK(decode_record(columns).error().message == "record: too many columns");
}

TEST_CASE("text: UTF-16 of both orders becomes UTF-8") {
  const Buffer be = bytes({0, 'a', 0, 0xe9, 0x20, 0xac, 0xd8, 0x3d, 0xde, 0x00});
  CHECK(text_utf8(be, TextEncoding::kUtf16be) == "a\u00e9\u20ac\U0001F600");
  const Buffer le = bytes({'a', 0, 0xe9, 0, 0xac, 0x20, 0x3d, 0xd8, 0x00, 0xde});
  CHECK(text_utf8(le, TextEncoding::kUtf16le) == "a\u00e9\u20ac\U0001F600");
  CHECK(text_utf8(bytes({0xd8, 0x3d, 0, 'x'}), TextEncoding::kUtf16be) == "\ufffdx");
  CHECK(text_utf8(bytes({0xd8, 0x3d}), TextEncoding::kUtf16be) == "\ufffd");
  CHECK(text_utf8(bytes({0, 'x', 1}), TextEncoding::kUtf16be) == "x");
  CHECK(text_utf8(as_bytes("as it is"), TextEncoding::kUtf8) == "as it is");
}

}  // namespace litetool
