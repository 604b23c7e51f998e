#include "formats/base/ids.h"

#include <charconv>

namespace litetool {

std::string hex16(std::uint64_t v) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string s(16, '0');
  for (std::size_t i = 16; i-- > 0; v >>= 4) s[i] = kDigits[v & 15];
  return s;
}

Result<std::uint64_t> parse_hex16(std::string_view s) {
  std::uint64_t v = 0;
  const auto [end, err] = std::from_chars(s.data(), s.data() + s.size(), v, 16);
  if (s.size() != 16 || err != std::errc() || end != s.data() + s.size()) {
    return Error(Errc::kUsage, "'" + std::string(s) + "' is not a 16-digit hex number");
  }
  return v;
}

std::string Txid::text() const {
  return hex16(value);
}
std::string Checksum::text() const {
  return hex16(value);
}
std::string Pos::text() const {
  return txid.text() + "/" + checksum.text();
}

}  // namespace litetool
