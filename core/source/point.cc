#include "core/source/point.h"

#include <algorithm>
#include <optional>

#include "core/source/time_words.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

constexpr std::size_t kHexDigits = 16;
constexpr std::string_view kLatest = "latest";
constexpr std::string_view kTag = "tag:";

Error bad_point(std::string_view text) {
  return Error(Errc::kUsage,
               "'" + printable(text) +
                   "' is no point in time: use latest, latest~5, a transaction id (16 hex digits, "
                   "0x29 or decimal), 2026-11-20T10:30:00Z, '2026-11-20 10:30', '10m ago', "
                   "'yesterday 14:00' or tag:NAME");
}

std::optional<std::uint64_t> parse_txid(std::string_view text) {
  Result<std::uint64_t> txid = std::uint64_t{0};
  if (text.size() == kHexDigits) {
    txid = parse_hex16(text);
  } else if (text.starts_with("0x") || text.starts_with("0X")) {
    const std::string_view digits = text.substr(2);
    if (digits.empty() || digits.size() > kHexDigits) return std::nullopt;
    txid = parse_hex16(std::string(kHexDigits - digits.size(), '0') + std::string(digits));
  } else {
    txid = parse_u64(text);
  }
  if (!txid || *txid == 0) return std::nullopt;
  return *txid;
}

// "latest", "latest~5": how far back.
std::optional<std::uint64_t> parse_latest(std::string_view text) {
  if (!text.starts_with(kLatest)) return std::nullopt;
  text.remove_prefix(kLatest.size());
  if (text.empty()) return 0;
  if (text.front() != '~') return std::nullopt;
  const auto back = parse_u64(text.substr(1));
  if (!back) return std::nullopt;
  return *back;
}

std::string described(const Moment& moment, const TimeZone& zone) {
  return moment.txid.text() + (moment.time_ms == 0 ? "" : " of " + zone.text(moment.time_ms));
}

// What there is around a place in the list that was not found.
std::string nearest(std::span<const Moment> moments, std::size_t after, const TimeZone& zone) {
  std::string text;
  if (after > 0) text = "the nearest earlier one is " + described(moments[after - 1], zone);
  if (after < moments.size()) {
    text += (text.empty() ? "the nearest later one is " : ", the nearest later one ") +
            described(moments[after], zone);
  }
  return text;
}

Result<Moment> find_txid(Txid txid, std::span<const Moment> moments, const TimeZone& zone) {
  const auto at = std::ranges::lower_bound(moments, txid, {}, &Moment::txid);
  if (at != moments.end() && at->txid == txid) return *at;
  return Error(Errc::kNotFound,
               "transaction " + txid.text() + " is not in the history: " +
                   nearest(moments, static_cast<std::size_t>(at - moments.begin()), zone));
}

Result<Moment> find_time(std::int64_t time_ms, std::span<const Moment> moments, const Now& now) {
  const auto known = [](const Moment& m) { return m.time_ms != 0; };
  if (std::ranges::none_of(moments, known)) {
    return Error(Errc::kNotFound, "the history has no times: use a transaction id");
  }
  const auto last = std::ranges::max_element(moments, {}, &Moment::time_ms);
  if (time_ms > now.ms && time_ms > last->time_ms) {
    return Error(Errc::kNotFound, now.zone.text(time_ms) +
                                      " is in the future: the history ends with " +
                                      described(moments.back(), now.zone));
  }
  for (std::size_t i = moments.size(); i > 0; --i) {
    if (known(moments[i - 1]) && moments[i - 1].time_ms <= time_ms) return moments[i - 1];
  }
  return Error(Errc::kNotFound, "the history does not go back to " + now.zone.text(time_ms) + ": " +
                                    nearest(moments, 0, now.zone));
}

}  // namespace

Result<Point> parse_point(std::string_view text, const Now& now) {
  Point point;
  if (const auto back = parse_latest(text)) {
    point.back = *back;
  } else if (text.starts_with(kTag) && is_tag_name(text.substr(kTag.size()))) {
    point.kind = Point::Kind::kTag;
    point.tag = text.substr(kTag.size());
  } else if (const auto txid = parse_txid(text)) {
    point.kind = Point::Kind::kTxid;
    point.txid = Txid{*txid};
  } else if (const auto time = parse_time_words(text, now.ms, now.zone)) {
    point.kind = Point::Kind::kTime;
    point.time_ms = *time;
  } else {
    return bad_point(text);
  }
  return point;
}

std::int64_t earliest_time(std::int64_t a_ms, std::int64_t b_ms) {
  if (a_ms == 0 || b_ms == 0) return a_ms + b_ms;  // not known
  return std::min(a_ms, b_ms);
}

Result<Point> resolve_tag(const Point& point, const std::vector<Tag>& tags) {
  if (point.kind != Point::Kind::kTag) return point;
  const auto tag = std::ranges::find(tags, point.tag, &Tag::name);
  if (tag == tags.end()) return no_such_tag(point.tag, tags);
  Point resolved;
  resolved.kind = Point::Kind::kTxid;
  resolved.txid = tag->txid;
  return resolved;
}

Result<Moment> resolve_point(const Point& point, std::span<const Moment> moments, const Now& now) {
  if (moments.empty()) return Error(Errc::kNotFound, "the history has no transactions");
  switch (point.kind) {
    case Point::Kind::kTxid:
      return find_txid(point.txid, moments, now.zone);
    case Point::Kind::kTime:
      return find_time(point.time_ms, moments, now);
    case Point::Kind::kTag:
      return no_such_tag(point.tag, {});
    case Point::Kind::kLatest:
      break;
  }
  if (point.back == 0) return moments.back();
  const std::uint64_t last = moments.back().txid.value;
  if (point.back < last) return find_txid(Txid{last - point.back}, moments, now.zone);
  return Error(Errc::kNotFound, "there are only " + grouped(last) +
                                    " transactions: " + nearest(moments, 0, now.zone));
}

}  // namespace litetool
