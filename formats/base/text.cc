#include "formats/base/text.h"

#include <algorithm>
#include <charconv>
#include <cstdarg>
#include <cstdio>
#include <ctime>
#include <numeric>

namespace litetool {
namespace {

struct UtcTime {
  std::string seconds;  // "2026-11-20T10:30:00"
  unsigned ms;
};

UtcTime split_time(std::int64_t ms) {
  const std::int64_t whole = ms / 1000 - (ms % 1000 < 0 ? 1 : 0);
  std::time_t t = static_cast<std::time_t>(whole);
  std::tm tm{};
  if (gmtime_r(&t, &tm) == nullptr) return {"invalid", 0};
  char buf[64];
  std::snprintf(buf, sizeof buf, "%04d-%02d-%02dT%02d:%02d:%02d", tm.tm_year + 1900, tm.tm_mon + 1,
                tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
  return {buf, static_cast<unsigned>((ms % 1000 + 1000) % 1000)};
}

}  // namespace

std::string format(const char* fmt, ...) {
  va_list args;
  va_start(args, fmt);
  va_list again;
  va_copy(again, args);
  const int n = std::vsnprintf(nullptr, 0, fmt, args);
  va_end(args);
  std::string out(n > 0 ? static_cast<std::size_t>(n) : 0, '\0');
  std::vsnprintf(out.data(), out.size() + 1, fmt, again);
  va_end(again);
  return out;
}

std::string rfc3339_ms(std::int64_t ms) {
  const UtcTime t = split_time(ms);
  return t.seconds + format(".%03uZ", t.ms);
}

std::string rfc3339_trimmed(std::int64_t ms) {
  if (ms == 0) return "";
  const UtcTime t = split_time(ms);
  std::string fraction = t.ms == 0 ? "" : format(".%03u", t.ms);
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  return t.seconds + fraction + "Z";
}

Result<std::uint64_t> parse_u64(std::string_view s) {
  std::uint64_t v = 0;
  const auto [end, err] = std::from_chars(s.data(), s.data() + s.size(), v, 10);
  if (s.empty() || err != std::errc() || end != s.data() + s.size()) {
    return Error(Errc::kUsage, "'" + std::string(s) + "' is not a number");
  }
  return v;
}

Result<std::int64_t> parse_duration_ms(std::string_view s) {
  const Error bad(Errc::kUsage,
                  "'" + std::string(s) + "' is not a duration (try 90s, 10m, 1h, 7d)");
  if (s.size() < 2) return bad;
  std::int64_t unit = 0;
  switch (s.back()) {
    case 's':
      unit = 1000;
      break;
    case 'm':
      unit = 60'000;
      break;
    case 'h':
      unit = 3'600'000;
      break;
    case 'd':
      unit = 86'400'000;
      break;
    default:
      return bad;
  }
  const auto n = parse_u64(s.substr(0, s.size() - 1));
  constexpr std::uint64_t kMaxUnits = 1'000'000;
  if (!n || *n > kMaxUnits) return bad;
  return static_cast<std::int64_t>(*n) * unit;
}

Result<std::uint64_t> parse_size(std::string_view s) {
  const Error bad(Errc::kUsage,
                  "'" + printable(s) + "' is not a size (try 4096, 512KiB, 100MiB, 2GiB, 1TB)");
  const std::size_t digits = std::min(s.find_first_not_of("0123456789"), s.size());
  const auto n = parse_u64(s.substr(0, digits));
  std::string_view unit = s.substr(digits);
  if (unit.starts_with(' ')) unit.remove_prefix(1);
  static constexpr std::pair<std::string_view, std::uint64_t> kUnits[] = {
      {"", 1},
      {"B", 1},
      {"KiB", std::uint64_t{1} << 10},
      {"MiB", std::uint64_t{1} << 20},
      {"GiB", std::uint64_t{1} << 30},
      {"TiB", std::uint64_t{1} << 40},
      {"kB", 1000},
      {"KB", 1000},
      {"MB", 1'000'000},
      {"GB", 1'000'000'000},
      {"TB", 1'000'000'000'000},
  };
  const auto found = std::ranges::find(kUnits, unit, [](const auto& u) { return u.first; });
  if (!n || found == std::end(kUnits) || *n > UINT64_MAX / found->second) return bad;
  return *n * found->second;
}

std::string human_size(std::uint64_t bytes) {
  static constexpr const char* kUnits[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (bytes < 1024) return std::to_string(bytes) + " B";
  double v = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  while (v >= 1024 && unit + 1 < std::size(kUnits)) {
    v /= 1024;
    ++unit;
  }
  return format("%.1f %s", v, kUnits[unit]);
}

std::string grouped(std::uint64_t n) {
  std::string s = std::to_string(n);
  for (std::size_t at = s.size(); at > 3;) s.insert(at -= 3, 1, ',');
  return s;
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (const std::string& p : parts) {
    if (!out.empty()) out += separator;
    out += p;
  }
  return out;
}

std::string nearest_name(std::string_view word, const std::vector<std::string>& names) {
  constexpr std::size_t kTelling = 4;  // letters that make a beginning say more than a likeness
  const std::string* best = nullptr;
  std::pair<std::size_t, bool> least{(word.size() + 1) / 3 + 1, false};
  for (const std::string& name : names) {
    const bool begins = name.starts_with(word) || word.starts_with(name);
    const std::size_t distance =
        begins && std::min(word.size(), name.size()) >= kTelling ? 0 : edit_distance(word, name);
    // As near as another, the one with the same first letter.
    const std::pair likeness(distance, word.front() != name.front());
    if (likeness >= least) continue;
    least = likeness;
    best = &name;
  }
  return best == nullptr ? "" : *best;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitute = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({substitute, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

std::size_t utf8_size(std::string_view s) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
  if (s.empty()) return 0;
  const unsigned char first = at(0);
  const std::size_t size = first < 0x80   ? 1
                           : first < 0xc2 ? 0
                           : first < 0xe0 ? 2
                           : first < 0xf0 ? 3
                           : first < 0xf5 ? 4
                                          : 0;
  if (size < 2) return size;
  if (s.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((at(i) & 0xc0) != 0x80) return 0;
  }
  // Longer than needed, a surrogate, or beyond U+10FFFF (Unicode 15, table 3-7).
  const unsigned char second = at(1);
  const bool wrong = (first == 0xe0 && second < 0xa0) || (first == 0xed && second >= 0xa0) ||
                     (first == 0xf0 && second < 0x90) || (first == 0xf4 && second >= 0x90);
  return wrong ? 0 : size;
}

std::string printable(std::string_view s) {
  std::string out;
  while (!s.empty()) {
    const auto c = static_cast<unsigned char>(s.front());
    const std::size_t size = c < 32 || c == 127 ? 0 : utf8_size(s);
    if (size == 0) {
      out += format("\\x%02x", c);
      s.remove_prefix(1);
    } else {
      out.append(s.substr(0, size));
      s.remove_prefix(size);
    }
  }
  return out;
}

}  // namespace litetool
