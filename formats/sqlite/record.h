// Records: how SQLite stores a row or an index key, and the variable-length integers in it.
//
// Varint: 1 to 9 bytes, big-endian, 7 bits in each of the first eight (high bit set = more follow),
// all 8 bits of the ninth.
//
// Record: varint size of the header (itself included), then one varint serial type for each column,
// then the values one after another:
//   serial type   bytes  value
//             0       0  NULL
//       1 ... 6    1, 2, 3, 4, 6, 8  integer, big-endian, two's complement
//             7       8  real, IEEE 754 big-endian
//          8, 9       0  the integer 0, 1
//        10, 11       -  reserved: not valid in a file
//    even >= 12  (n - 12) / 2  blob
//     odd >= 13  (n - 13) / 2  text in the database's encoding
//
// Valid: header and values end inside the payload, and the header ends with a whole serial type.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "formats/base/bytes.h"
#include "formats/base/result.h"
#include "formats/sqlite/file_header.h"

namespace litetool {

struct Varint {
  std::uint64_t value = 0;
  std::size_t size = 0;  // bytes it took; 0 = the bytes end inside it
};
Varint read_varint(Bytes b);

enum class ValueType : std::uint8_t { kNull, kInteger, kReal, kText, kBlob };

struct Value {
  ValueType type = ValueType::kNull;
  std::int64_t integer = 0;
  double real = 0;
  Bytes bytes;  // text as stored, or blob; points into the payload
};

// Bytes that a value of this serial type takes; 0 for the reserved ones.
std::uint64_t serial_type_size(std::uint64_t serial_type);

// All columns of a record. Columns that were added by ALTER TABLE after the row was written are
// missing at the end. kCorrupt with the offset in the payload.
Result<std::vector<Value>> decode_record(Bytes payload);

// Text in UTF-8; what is not valid UTF-16 becomes U+FFFD. UTF-8 is passed through as it is.
std::string text_utf8(Bytes raw, TextEncoding encoding);

}  // namespace litetool
