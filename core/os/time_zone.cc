#include "core/os/time_zone.h"

#include <chrono>
#include <ctime>
#include <utility>

#include "formats/base/text.h"

namespace litetool {
namespace {

using std::chrono::days;
using std::chrono::milliseconds;
using std::chrono::sys_days;
using std::chrono::sys_time;
using std::chrono::year_month_day;

constexpr std::int64_t kSecondsPerHour = 3600;

year_month_day date_of(const WallTime& wall) {
  return std::chrono::year(wall.year) / std::chrono::month(static_cast<unsigned>(wall.month)) /
         std::chrono::day(static_cast<unsigned>(wall.day));
}

// Rounded down, so that instants before the epoch come out right.
std::int64_t whole_seconds(std::int64_t ms) {
  return std::chrono::floor<std::chrono::seconds>(milliseconds(ms)).count();
}

std::int64_t local_offset(std::int64_t instant_s) {
  const auto t = static_cast<std::time_t>(instant_s);
  std::tm tm{};
  return ::localtime_r(&t, &tm) == nullptr ? 0 : tm.tm_gmtoff;
}

std::string offset_text(std::int64_t offset_s) {
  if (offset_s == 0) return "Z";
  const auto minutes = static_cast<int>((offset_s < 0 ? -offset_s : offset_s) / 60);
  return format("%c%02d:%02d", offset_s < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

}  // namespace

bool is_valid(const WallTime& wall) {
  const auto in = [](int v, int max) { return v >= 0 && v <= max; };
  return wall.month >= 1 && wall.day >= 1 && date_of(wall).ok() && in(wall.hour, 23) &&
         in(wall.minute, 59) && in(wall.second, 59) && in(wall.ms, 999);
}

std::int64_t utc_ms(const WallTime& wall) {
  const sys_time<milliseconds> t = sys_days(date_of(wall)) + std::chrono::hours(wall.hour) +
                                   std::chrono::minutes(wall.minute) +
                                   std::chrono::seconds(wall.second) + milliseconds(wall.ms);
  return t.time_since_epoch().count();
}

TimeZone TimeZone::local() {
  ::tzset();
  return TimeZone(local_offset);
}

std::int64_t TimeZone::instant_ms(const WallTime& wall) const {
  // The offset is that of the instant, which is not known yet: two steps find it, because offsets
  // do not change twice within a day.
  const std::int64_t shown = utc_ms(wall);
  const std::int64_t guess = shown - offset_(whole_seconds(shown)) * 1000;
  return shown - offset_(whole_seconds(guess)) * 1000;
}

WallTime TimeZone::wall(std::int64_t instant_ms) const {
  const milliseconds shown(instant_ms + offset_(whole_seconds(instant_ms)) * 1000);
  const sys_days day = std::chrono::floor<days>(sys_time<milliseconds>(shown));
  const year_month_day date(day);
  const auto rest = static_cast<int>((shown - day.time_since_epoch()).count());
  return WallTime{static_cast<int>(date.year()),
                  static_cast<int>(static_cast<unsigned>(date.month())),
                  static_cast<int>(static_cast<unsigned>(date.day())),
                  static_cast<int>(rest / 1000 / kSecondsPerHour),
                  rest / 60'000 % 60,
                  rest / 1000 % 60,
                  rest % 1000};
}

std::string TimeZone::text(std::int64_t instant_ms) const {
  const WallTime w = wall(instant_ms);
  return format("%04d-%02d-%02dT%02d:%02d:%02d.%03d", w.year, w.month, w.day, w.hour, w.minute,
                w.second, w.ms) +
         offset_text(offset_(whole_seconds(instant_ms)));
}

}  // namespace litetool
