#include "formats/base/bytes.h"

#include <algorithm>
#include <cstdio>

namespace litetool {
namespace {

constexpr std::size_t kRowBytes = 16;

void append_row(std::string& out, Bytes row, std::uint64_t offset) {
  char text[24];
  std::snprintf(text, sizeof text, "%08llx ", static_cast<unsigned long long>(offset));
  out += text;
  for (std::size_t i = 0; i < kRowBytes; ++i) {
    if (i == kRowBytes / 2) out += ' ';
    if (i < row.size()) {
      std::snprintf(text, sizeof text, " %02x", std::to_integer<unsigned>(row[i]));
      out += text;
    } else {
      out += "   ";
    }
  }
  out += "  |";
  for (std::byte b : row) {
    const char c = std::to_integer<char>(b);
    out += c >= 32 && c <= 126 ? c : '.';
  }
  out += "|\n";
}

}  // namespace

bool all_zero(Bytes b) {
  return std::all_of(b.begin(), b.end(), [](std::byte x) { return x == std::byte{0}; });
}

std::string to_hex(Bytes b) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(2 * b.size());
  for (std::byte x : b) {
    out += kDigits[std::to_integer<unsigned>(x) >> 4];
    out += kDigits[std::to_integer<unsigned>(x) & 15];
  }
  return out;
}

std::string hexdump(Bytes b, std::uint64_t base) {
  std::string out;
  bool collapsed = false;
  for (std::size_t at = 0; at < b.size(); at += kRowBytes) {
    const Bytes row = b.subspan(at, std::min(kRowBytes, b.size() - at));
    const bool last = at + row.size() == b.size();
    const bool repeats =
        at > 0 && !last && std::ranges::equal(row, b.subspan(at - kRowBytes, row.size()));
    if (!repeats) append_row(out, row, base + at);
    if (repeats && !collapsed) out += "***\n";
    collapsed = repeats;
  }
  return out;
}

}  // namespace litetool
