#include "core/rows/sql_value.h"

#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "formats/base/text.h"

namespace litetool {
namespace {

std::string quoted(const std::string& text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    if (c == quote) out += quote;
    out += c;
  }
  return out + quote;
}

// The shortest decimal number that reads back as the same double.
std::string real_literal(double v) {
  if (std::isinf(v)) return v < 0 ? "-9e999" : "9e999";
  std::string text = format("%.15g", v);
  if (std::strtod(text.c_str(), nullptr) != v) text = format("%.17g", v);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

// Printable in a script as it is: UTF-8 without control characters other than line feeds and tabs.
bool is_plain(const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto c = static_cast<unsigned char>(text[at]);
    if ((c < 32 && c != '\n' && c != '\t') || c == 127) return false;
    const std::size_t n = utf8_size(std::string_view(text).substr(at));
    if (n == 0) return false;
    at += n;
  }
  return true;
}

std::string text_literal(const SqlValue& v, TextEncoding database) {
  const std::string text = v.utf8();
  const bool exact =
      v.encoding == TextEncoding::kUtf8 || text.find("\xef\xbf\xbd") == std::string::npos;
  if (exact && is_plain(text)) return quoted(text, '\'');
  std::string raw = v.bytes;
  const bool swap = v.encoding != database && v.encoding != TextEncoding::kUtf8 &&
                    database != TextEncoding::kUtf8;
  for (std::size_t i = 0; swap && i + 2 <= raw.size(); i += 2) std::swap(raw[i], raw[i + 1]);
  if (!swap && v.encoding != database) raw = text;
  return "CAST(X'" + to_hex(as_bytes(raw)) + "' AS TEXT)";
}

}  // namespace

std::string SqlValue::literal(TextEncoding database) const {
  switch (type) {
    case ValueType::kNull:
      break;
    case ValueType::kInteger:
      // The smallest one is no literal of SQL: its digits alone are a real number.
      if (integer == std::numeric_limits<std::int64_t>::min()) return "(-9223372036854775807 - 1)";
      return std::to_string(integer);
    case ValueType::kReal:
      return real_literal(real);
    case ValueType::kText:
      return text_literal(*this, database);
    case ValueType::kBlob:
      return "X'" + to_hex(as_bytes(bytes)) + "'";
  }
  return "NULL";
}

bool SqlValue::operator==(const SqlValue& other) const {
  if (type != other.type) return false;
  if (type == ValueType::kReal) {
    return std::bit_cast<std::uint64_t>(real) == std::bit_cast<std::uint64_t>(other.real);
  }
  if (type == ValueType::kText && encoding != other.encoding) return utf8() == other.utf8();
  return integer == other.integer && bytes == other.bytes;
}

std::string quote_name(const std::string& name) {
  return quoted(name, '"');
}

}  // namespace litetool
