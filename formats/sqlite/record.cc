#include "formats/sqlite/record.h"

#include <bit>

#include "formats/base/text.h"

namespace litetool {
namespace {

// SQLite allows 32767 columns at most; an index over all of them adds the row id.
constexpr std::size_t kMaxColumns = 65535;
constexpr char32_t kReplacement = 0xfffd;

std::int64_t read_integer(Bytes b) {
  std::uint64_t v = (b[0] & std::byte{0x80}) != std::byte{0} ? ~std::uint64_t{0} : 0;
  for (const std::byte x : b) v = v << 8 | std::to_integer<std::uint64_t>(x);
  return static_cast<std::int64_t>(v);
}

Value read_value(std::uint64_t serial_type, Bytes b) {
  Value v;
  if (serial_type == 0) return v;
  if (serial_type >= 12) {
    v.type = serial_type % 2 == 0 ? ValueType::kBlob : ValueType::kText;
    v.bytes = b;
  } else if (serial_type == 7) {
    v.type = ValueType::kReal;
    v.real = std::bit_cast<double>(load_be<std::uint64_t>(b.data()));
  } else {
    v.type = ValueType::kInteger;
    v.integer = serial_type >= 8 ? static_cast<std::int64_t>(serial_type - 8) : read_integer(b);
  }
  return v;
}

void append_utf8(std::string& out, char32_t c) {
  const auto put = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xc0 | c >> 6);
    put(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    put(0xe0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3f));
    put(0x80 | (c & 0x3f));
  } else {
    put(0xf0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3f));
    put(0x80 | (c >> 6 & 0x3f));
    put(0x80 | (c & 0x3f));
  }
}

}  // namespace

Varint read_varint(Bytes b) {
  std::uint64_t v = 0;
  for (std::size_t i = 0; i < b.size() && i < 9; ++i) {
    const auto x = std::to_integer<std::uint64_t>(b[i]);
    if (i == 8) return {v << 8 | x, 9};
    v = v << 7 | (x & 0x7f);
    if (x < 0x80) return {v, i + 1};
  }
  return {};
}

std::uint64_t serial_type_size(std::uint64_t serial_type) {
  constexpr std::uint8_t kSizes[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0};
  return serial_type < 12 ? kSizes[serial_type] : (serial_type - 12) / 2;
}

Result<std::vector<Value>> decode_record(Bytes payload) {
  const Varint header = read_varint(payload);
  if (header.size == 0 || header.value < header.size || header.value > payload.size()) {
    return Error::corrupt(0, "record: header size does not fit the payload");
  }
  const auto header_size = static_cast<std::size_t>(header.value);
  std::vector<Value> values;
  std::size_t body = header_size;
  for (std::size_t at = header.size; at < header_size;) {
    const Varint type = read_varint(payload.first(header_size).subspan(at));
    if (type.size == 0) return Error::corrupt(at, "record: serial type ends early");
    if (type.value == 10 || type.value == 11) {
      return Error::corrupt(at, "record: reserved serial type");
    }
    const std::uint64_t size = serial_type_size(type.value);
    if (size > payload.size() - body) {
      return Error::corrupt(at, "record: value is larger than the payload");
    }
    if (values.size() == kMaxColumns) return Error::corrupt(at, "record: too many columns");
    values.push_back(read_value(type.value, payload.subspan(body, static_cast<std::size_t>(size))));
    body += static_cast<std::size_t>(size);
    at += type.size;
  }
  return values;
}

std::string text_utf8(Bytes raw, TextEncoding encoding) {
  std::string out;
  if (encoding == TextEncoding::kUtf8) {
    out.assign(reinterpret_cast<const char*>(raw.data()), raw.size());
    return out;
  }
  const auto unit = [&](std::size_t at) -> char32_t {
    return encoding == TextEncoding::kUtf16be ? load_be<std::uint16_t>(raw.data() + at)
                                              : load_le<std::uint16_t>(raw.data() + at);
  };
  for (std::size_t at = 0; at + 2 <= raw.size(); at += 2) {
    char32_t c = unit(at);
    if (c >= 0xd800 && c < 0xe000) {
      const char32_t low = at + 4 <= raw.size() ? unit(at + 2) : 0;
      const bool pair = c < 0xdc00 && low >= 0xdc00 && low < 0xe000;
      c = pair ? 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00) : kReplacement;
      if (pair) at += 2;
    }
    append_utf8(out, c);
  }
  return out;
}

}  // namespace litetool
