// Text forms that people and JSON share: times, sizes, strict numbers. (g++ 12 has no <format>.)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "formats/base/result.h"

namespace litetool {

// printf into a string.
[[gnu::format(printf, 1, 2)]] std::string format(const char* fmt, ...);

// Milliseconds since the epoch as UTC RFC 3339 with milliseconds: "2026-11-20T10:30:00.000Z".
std::string rfc3339_ms(std::int64_t ms);
// The same with the fraction's trailing zeros trimmed, as the ltx tool prints it; "" for 0.
std::string rfc3339_trimmed(std::int64_t ms);

// Decimal digits only, no sign, no blanks; kUsage otherwise or when out of range.
Result<std::uint64_t> parse_u64(std::string_view s);
// "90s", "10m", "1h", "7d" as milliseconds; kUsage otherwise.
Result<std::int64_t> parse_duration_ms(std::string_view s);
// "4096", "512KiB", "1 GiB", "2GB" (thousands) as bytes; kUsage otherwise.
Result<std::uint64_t> parse_size(std::string_view s);
// "1.5 MiB", "900 B".
std::string human_size(std::uint64_t bytes);
// Thousands grouped: 1234567 -> "1,234,567".
std::string grouped(std::uint64_t n);

std::string join(const std::vector<std::string>& parts, std::string_view separator);
// Letters to add, take away or change to make one of the other.
std::size_t edit_distance(std::string_view a, std::string_view b);
// The one of `names` that a mistyped word was probably meant to be: one that begins with it or that
// it begins with, or else one that differs in a letter of three. Empty where none is that near.
std::string nearest_name(std::string_view word, const std::vector<std::string>& names);
// Bytes (1 to 4) of the UTF-8 character that s starts with; 0 where it starts with none.
std::size_t utf8_size(std::string_view s);
// Control characters and bytes that are not UTF-8 replaced, for names from hostile files on a
// terminal.
std::string printable(std::string_view s);

}  // namespace litetool
