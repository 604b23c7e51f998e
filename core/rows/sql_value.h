// One value of a row, as SQLite holds it.
#pragma once

#include <cstdint>
#include <string>

#include "formats/sqlite/record.h"

namespace litetool {

struct SqlValue {
  ValueType type = ValueType::kNull;
  std::int64_t integer = 0;
  double real = 0;
  std::string bytes;  // a blob, or text in `encoding`
  TextEncoding encoding = TextEncoding::kUtf8;

  static SqlValue of_integer(std::int64_t v) { return {ValueType::kInteger, v, 0, {}, {}}; }
  static SqlValue of_text(std::string v) {
    return {ValueType::kText, 0, 0, std::move(v), TextEncoding::kUtf8};
  }

  // Text in UTF-8; what is not valid in UTF-16 becomes U+FFFD.
  std::string utf8() const { return text_utf8(as_bytes(bytes), encoding); }
  // As an expression of SQL that yields this very value in a database of this text encoding:
  // NULL, 1, 2.5, 'text', X'00ff', CAST(X'00' AS TEXT).
  std::string literal(TextEncoding database) const;
  // The same type and the same bits; the same text where encodings differ.
  bool operator==(const SqlValue& other) const;
};

// Lets a script enter virtual tables into the schema.
inline constexpr const char* kWritableSchema =
    "-- Where the shell of SQLite refuses it: say .dbconfig defensive off before.\n"
    "PRAGMA writable_schema = ON";

// "name", quoted for SQL.
std::string quote_name(const std::string& name);

}  // namespace litetool
