// Local time: what a clock on the wall shows at an instant, and the other way.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace litetool {

// A date and a time of day without a zone.
struct WallTime {
  int year = 1970;
  int month = 1;  // 1 to 12
  int day = 1;    // 1 to 31
  int hour = 0;
  int minute = 0;
  int second = 0;
  int ms = 0;
};

// False for what no calendar has, such as February 30; a leap second is none.
bool is_valid(const WallTime& wall);
// As if the clock showed UTC, in milliseconds since the epoch.
std::int64_t utc_ms(const WallTime& wall);

class TimeZone {
 public:
  // Seconds that clocks are ahead of UTC at an instant, given in seconds since the epoch.
  using Offset = std::function<std::int64_t(std::int64_t instant_s)>;
  explicit TimeZone(Offset offset) : offset_(std::move(offset)) {}
  // That of this machine, or of the variable TZ.
  static TimeZone local();

  // When the clocks show it; for an hour that is left out or comes twice, one of the two readings.
  std::int64_t instant_ms(const WallTime& wall) const;
  // What the clocks show.
  WallTime wall(std::int64_t instant_ms) const;
  // "2026-11-20T11:30:00.000+01:00", with "Z" where clocks show UTC.
  std::string text(std::int64_t instant_ms) const;

 private:
  Offset offset_;
};

}  // namespace litetool
