// Points in time, as people write them.
//
//   latest                      the end of the history
//   latest~5                    five transactions before it
//   0000000000000029            a TXID: 16 hex digits, as printed
//   0x29                        a TXID in hex
//   41                          a TXID in decimal
//   2026-11-20T10:30:00.123Z    an instant (RFC 3339); "+01:00" and the like instead of "Z"
//   2026-11-20 10:30            the same in local time; seconds and a fraction may follow
//   2026-11-20                  the beginning of that day
//   10m ago                     s, m, h, d, w, or the words: "10 minutes ago"
//   yesterday 14:00             "today" too; seconds may follow
//   tag:NAME                    the transaction that was given this name
//
// An instant means the last transaction at or before it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/history/tags.h"
#include "core/os/time_zone.h"
#include "formats/base/ids.h"
#include "formats/base/result.h"

namespace litetool {

struct Point {
  enum class Kind : std::uint8_t { kLatest, kTxid, kTime, kTag };
  Kind kind = Kind::kLatest;
  std::uint64_t back = 0;    // kLatest: transactions before it
  Txid txid{};               // kTxid
  std::int64_t time_ms = 0;  // kTime
  std::string tag{};         // kTag
};

// The moment that the words are said.
struct Now {
  std::int64_t ms = 0;
  const TimeZone& zone;
};

// kUsage with the grammar when it is none of them.
Result<Point> parse_point(std::string_view text, const Now& now);

// The same point without the name of a tag; kNotFound when the history has no such tag.
Result<Point> resolve_tag(const Point& point, const std::vector<Tag>& tags);

// A state that can be had: the database after a transaction, and when that was (0: not known).
struct Moment {
  Txid txid;
  std::int64_t time_ms = 0;
  auto operator<=>(const Moment&) const = default;
};

// Of the times that two images which lead to the same state say: one of a level that was compacted
// may say when that was, the earlier one is when the state came.
std::int64_t earliest_time(std::int64_t a_ms, std::int64_t b_ms);

// The moment that is meant, of those there are, ascending by TXID. Where clocks went backwards, an
// instant means the highest TXID that is not later. Not for tags. kNotFound, with the nearest
// before and after, when there is none, and for an instant in the future.
Result<Moment> resolve_point(const Point& point, std::span<const Moment> moments, const Now& now);

}  // namespace litetool
