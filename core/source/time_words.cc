#include "core/source/time_words.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "formats/base/text.h"

namespace litetool {
namespace {

constexpr std::int64_t kSecond = 1000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::vector<std::string> lower_words(std::string_view text) {
  std::vector<std::string> words(1);
  for (const char c : text) {
    if (c == ' ') {
      if (!words.back().empty()) words.emplace_back();
    } else {
      words.back() += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

// Takes from the front of a word; each says whether what it wants was there.
class Cursor {
 public:
  explicit Cursor(std::string_view rest) : rest_(rest) {}
  bool done() const { return rest_.empty(); }
  bool literal(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // A number of `min` to `max` digits.
  bool number(std::size_t min, std::size_t max, int& out) {
    std::size_t n = 0;
    out = 0;
    while (n < max && n < rest_.size() && is_digit(rest_[n])) out = out * 10 + (rest_[n++] - '0');
    rest_.remove_prefix(n);
    return n >= min;
  }
  // Digits behind a decimal point; more than three are allowed and cut off.
  bool fraction(int& ms) {
    std::size_t n = 0;
    ms = 0;
    for (int scale = 100; n < rest_.size() && is_digit(rest_[n]); ++n, scale /= 10) {
      ms += (rest_[n] - '0') * scale;
    }
    rest_.remove_prefix(n);
    return n > 0;
  }

 private:
  std::string_view rest_;
};

bool take_date(Cursor& in, WallTime& wall) {
  return in.number(4, 4, wall.year) && in.literal('-') && in.number(2, 2, wall.month) &&
         in.literal('-') && in.number(2, 2, wall.day);
}

// "9:00", "09:00:05", "09:00:05.123"
bool take_time(Cursor& in, WallTime& wall) {
  if (!in.number(1, 2, wall.hour) || !in.literal(':') || !in.number(2, 2, wall.minute)) {
    return false;
  }
  if (!in.literal(':')) return true;
  if (!in.number(2, 2, wall.second)) return false;
  return !in.literal('.') || in.fraction(wall.ms);
}

// "z", "+01:00"; nothing behind it.
bool take_offset(Cursor& in, std::int64_t& offset_ms) {
  offset_ms = 0;
  if (in.literal('z')) return in.done();
  const bool west = in.literal('-');
  int hours = 0;
  int minutes = 0;
  if (!west && !in.literal('+')) return false;
  if (!in.number(2, 2, hours) || !in.literal(':') || !in.number(2, 2, minutes)) return false;
  offset_ms = (hours * kHour + minutes * kMinute) * (west ? -1 : 1);
  return in.done() && hours < 24 && minutes < 60;
}

// A date; a date, 't' and a time; perhaps an offset behind that.
std::optional<std::int64_t> parse_date(const std::string& text, const TimeZone& zone) {
  Cursor in(text);
  WallTime wall;
  std::int64_t offset_ms = 0;
  if (!take_date(in, wall)) return std::nullopt;
  if (!in.done() && !(in.literal('t') && take_time(in, wall))) return std::nullopt;
  if (!is_valid(wall)) return std::nullopt;
  if (in.done()) return zone.instant_ms(wall);
  if (!take_offset(in, offset_ms)) return std::nullopt;
  return utc_ms(wall) - offset_ms;
}

std::int64_t unit_ms(const std::string& unit) {
  static const std::pair<std::vector<std::string>, std::int64_t> kUnits[] = {
      {{"s", "sec", "secs", "second", "seconds"}, kSecond},
      {{"m", "min", "mins", "minute", "minutes"}, kMinute},
      {{"h", "hour", "hours"}, kHour},
      {{"d", "day", "days"}, kDay},
      {{"w", "week", "weeks"}, 7 * kDay},
  };
  for (const auto& [names, ms] : kUnits) {
    if (std::ranges::find(names, unit) != names.end()) return ms;
  }
  return 0;
}

// "10m", "10minutes"
std::optional<std::int64_t> parse_span(const std::string& text) {
  const auto letters = std::ranges::find_if_not(text, is_digit);
  const auto n = parse_u64(std::string(text.begin(), letters));
  const std::int64_t unit = unit_ms(std::string(letters, text.end()));
  if (!n || unit == 0 || *n > static_cast<std::uint64_t>(36'500 * kDay / unit)) return std::nullopt;
  return static_cast<std::int64_t>(*n) * unit;
}

// The day `days_ago`, at a time of day.
std::optional<std::int64_t> parse_day(int days_ago, const std::string& time, std::int64_t now_ms,
                                      const TimeZone& zone) {
  const WallTime today = zone.wall(now_ms);
  WallTime noon = today;
  noon.hour = 12;
  WallTime wall = zone.wall(zone.instant_ms(noon) - days_ago * kDay);
  wall.hour = wall.minute = wall.second = wall.ms = 0;
  Cursor in(time);
  if (!take_time(in, wall) || !in.done() || !is_valid(wall)) return std::nullopt;
  return zone.instant_ms(wall);
}

}  // namespace

std::optional<std::int64_t> parse_time_words(std::string_view text, std::int64_t now_ms,
                                             const TimeZone& zone) {
  const std::vector<std::string> words = lower_words(text);
  if (words.size() == 1) return parse_date(words[0], zone);
  if (words.size() == 3 && words[2] == "ago") {
    const auto span = parse_span(words[0] + words[1]);
    return span ? std::optional(now_ms - *span) : std::nullopt;
  }
  if (words.size() != 2) return std::nullopt;
  if (words[1] == "ago") {
    const auto span = parse_span(words[0]);
    return span ? std::optional(now_ms - *span) : std::nullopt;
  }
  if (words[0] == "today") return parse_day(0, words[1], now_ms, zone);
  if (words[0] == "yesterday") return parse_day(1, words[1], now_ms, zone);
  return parse_date(words[0] + "t" + words[1], zone);
}

}  // namespace litetool
