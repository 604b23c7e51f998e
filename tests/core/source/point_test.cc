#include "core/source/point.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "formats/base/text.h"

namespace litetool {
namespace {

constexpr std::int64_t kHourS = 3600;

// Winter: one hour ahead of UTC; summer, from 2026-03-29 to 2026-10-25 at 01:00 UTC: two.
const TimeZone& berlin() {
  static const TimeZone kZone([](std::int64_t s) -> std::int64_t {
    return s >= 1'774'746'000 && s < 1'792'890'000 ? 2 * kHourS : kHourS;
  });
  return kZone;
}

// 2026-11-21T09:15:30.250Z
const Now kNow{1'795'252'530'250, berlin()};

std::string time_of(const std::string& text, const Now& now = kNow) {
  const auto point = parse_point(text, now);
  if (!point) return point.error().message;
  if (point->kind != Point::Kind::kTime) return "no time";
  return rfc3339_ms(point->time_ms);
}

std::uint64_t txid_of(const std::string& text) {
  const auto point = parse_point(text, kNow);
  REQUIRE(point);
  REQUIRE(point->kind == Point::Kind::kTxid);
  return point->txid.value;
}

bool refused(const std::string& text) {
  const auto point = parse_point(text, kNow);
  return !point && point.error().code == Errc::kUsage;
}

const std::vector<Moment> kMoments = {
    {Txid{3}, 1000}, {Txid{4}, 2000}, {Txid{9}, 5000}, {Txid{10}, 4000}};

std::uint64_t chosen(const std::string& text, const std::vector<Moment>& moments = kMoments) {
  const auto point = parse_point(text, kNow);
  REQUIRE(point);
  const auto moment = resolve_point(*point, moments, kNow);
  if (!moment) {
    CHECK(moment.error().code == Errc::kNotFound);
    return 0;
  }
  return moment->txid.value;
}

std::string why_not(const std::string& text) {
  const auto point = parse_point(text, kNow);
  REQUIRE(point);
  const auto moment = resolve_point(*point, kMoments, kNow);
  REQUIRE(!moment);
  return moment.error().message;
}

}  // namespace

TEST_CASE("point: transaction ids in three forms") {
  CHECK(txid_of("0000000000000029") == 0x29);
  CHECK(txid_of("00000000000000AF") == 0xaf);
  CHECK(txid_of("1000000000000000") == 0x1000000000000000);
  CHECK(txid_of("0x29") == 0x29);
  CHECK(txid_of("0XfF") == 0xff);
  CHECK(txid_of("41") == 41);
  CHECK(txid_of("20261120") == 20261120);
}

TEST_CASE("point: the end, and back from it") {
  REQUIRE(parse_point("latest", kNow));
  CHECK(parse_point("latest", kNow)->kind == Point::Kind::kLatest);
  CHECK(parse_point("latest", kNow)->back == 0);
  CHECK(parse_point("latest~5", kNow)->back == 5);
}

TEST_CASE("point: tags") {
  const auto point = parse_point("tag:release/1.0", kNow);
  REQUIRE(point);
  CHECK(point->kind == Point::Kind::kTag);
  CHECK(point->tag == "release/1.0");
  CHECK(refused("tag:"));
  CHECK(refused("tag:two words"));
  CHECK(refused("TAG:x"));
  const auto resolved = resolve_tag(*point, {{"other", Txid{3}}, {"release/1.0", Txid{9}}});
  REQUIRE(resolved);
  CHECK(resolve_point(*resolved, kMoments, kNow)->txid == Txid{9});
  const auto missing = resolve_tag(*point, {{"other", Txid{3}}});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == Errc::kNotFound);
  CHECK(missing.error().message == "there is no tag 'release/1.0', only other");
  CHECK(resolve_tag(*parse_point("latest~2", kNow), {})->back == 2);
}

TEST_CASE("point: RFC 3339") {
  CHECK(time_of("2026-11-20T10:30:00Z") == "2026-11-20T10:30:00.000Z");
  CHECK(time_of("2026-11-20t10:30:00.5z") == "2026-11-20T10:30:00.500Z");
  CHECK(time_of("2026-11-20T10:30:00.123456789Z") == "2026-11-20T10:30:00.123Z");
  CHECK(time_of("2026-11-20T10:30:00+05:30") == "2026-11-20T05:00:00.000Z");
  CHECK(time_of("2026-11-20 10:30:00-08:00") == "2026-11-20T18:30:00.000Z");
  CHECK(time_of("1969-12-31T23:59:59.999Z") == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("point: local time, with and without daylight saving") {
  CHECK(time_of("2026-11-20 10:30") == "2026-11-20T09:30:00.000Z");
  CHECK(time_of("2026-11-20   9:30:05.25") == "2026-11-20T08:30:05.250Z");
  CHECK(time_of("2026-11-20T10:30") == "2026-11-20T09:30:00.000Z");
  CHECK(time_of("2026-07-01 10:30") == "2026-07-01T08:30:00.000Z");
  CHECK(time_of("2026-07-01") == "2026-06-30T22:00:00.000Z");
  CHECK(time_of("2028-02-29 00:00") == "2028-02-28T23:00:00.000Z");
}

TEST_CASE("point: relative times") {
  CHECK(time_of("10m ago") == "2026-11-21T09:05:30.250Z");
  CHECK(time_of("10 minutes ago") == "2026-11-21T09:05:30.250Z");
  CHECK(time_of("1 Hour Ago") == "2026-11-21T08:15:30.250Z");
  CHECK(time_of("90s ago") == "2026-11-21T09:14:00.250Z");
  CHECK(time_of("2d ago") == "2026-11-19T09:15:30.250Z");
  CHECK(time_of(" 1  week  ago ") == "2026-11-14T09:15:30.250Z");
  CHECK(time_of("yesterday 14:00") == "2026-11-20T13:00:00.000Z");
  CHECK(time_of("today 9:00") == "2026-11-21T08:00:00.000Z");
  CHECK(time_of("today 09:00:30") == "2026-11-21T08:00:30.000Z");
}

TEST_CASE("point: yesterday across the change of the clocks") {
  // 2026-10-25 has 25 hours; it is 23:30 there and summer time ended that night.
  const Now now{utc_ms({2026, 10, 25, 22, 30, 0, 0}), berlin()};
  CHECK(time_of("yesterday 14:00", now) == "2026-10-24T12:00:00.000Z");
  CHECK(time_of("today 14:00", now) == "2026-10-25T13:00:00.000Z");
}

TEST_CASE("point: what is none is refused with the grammar") {
  const std::string bad[] = {"",
                             "soon",
                             "0",
                             "0x",
                             "0x0",
                             "-1",
                             "latest~",
                             "latest~x",
                             "latest-1",
                             "latest~18446744073709551616",
                             "ago",
                             "10 ago",
                             "m ago",
                             "10x ago",
                             "10m",
                             "99999999999999999999m ago",
                             "37000d ago",
                             "2026-02-29 10:00",
                             "2026-13-01",
                             "2026-00-01",
                             "2026-01-00",
                             "2026-11-20 24:00",
                             "2026-11-20 10:60",
                             "2026-11-20 10",
                             "2026-11-20T",
                             "2026-11-20T10:30:00.Z",
                             "2026-11-20T10:30:00+24:00",
                             "2026-11-20T10:30:00Zx",
                             "2026-11-20Z",
                             "today",
                             "today 25:00",
                             "tomorrow 10:00",
                             "2026-11-20 10:30 UTC now",
                             "0x11112222333344445",
                             "26-11-20 10:30"};
  for (const std::string& text : bad) {
    INFO(text);
    CHECK(refused(text));
  }
}

TEST_CASE("point: resolved against what there is") {
  CHECK(chosen("latest") == 10);
  CHECK(chosen("latest~1") == 9);
  CHECK(chosen("latest~6") == 4);
  CHECK(chosen("9") == 9);
  CHECK(chosen("1970-01-01T00:00:02Z") == 4);      // inclusive
  CHECK(chosen("1970-01-01T00:00:02.999Z") == 4);  // the one before
  CHECK(chosen("1970-01-01T00:00:04Z") == 10);     // the clock was put back between 9 and 10
  CHECK(chosen("10m ago") == 10);
}

TEST_CASE("point: an impossible one names its neighbours") {
  CHECK(why_not("latest~3") ==
        "transaction 0000000000000007 is not in the history: the nearest earlier one is "
        "0000000000000004 of 1970-01-01T01:00:02.000+01:00, the nearest later one "
        "0000000000000009 of 1970-01-01T01:00:05.000+01:00");
  CHECK(why_not("1") ==
        "transaction 0000000000000001 is not in the history: the nearest later one is "
        "0000000000000003 of 1970-01-01T01:00:01.000+01:00");
  CHECK(why_not("99") ==
        "transaction 0000000000000063 is not in the history: the nearest earlier one is "
        "000000000000000a of 1970-01-01T01:00:04.000+01:00");
  CHECK(why_not("latest~10").starts_with("there are only 10 transactions"));
  CHECK(why_not("1970-01-01T00:00:00.999Z") ==
        "the history does not go back to 1970-01-01T01:00:00.999+01:00: the nearest later one is "
        "0000000000000003 of 1970-01-01T01:00:01.000+01:00");
  CHECK(why_not("2026-11-22") ==
        "2026-11-22T00:00:00.000+01:00 is in the future: the history ends with 000000000000000a "
        "of 1970-01-01T01:00:04.000+01:00");
}

TEST_CASE("point: a history without times, and one without anything") {
  CHECK(chosen("10m ago", {{Txid{1}, 0}}) == 0);
  CHECK(chosen("latest", {{Txid{1}, 0}}) == 1);
  CHECK(chosen("latest", {}) == 0);
  // A state without a time is never chosen by one.
  CHECK(chosen("10m ago", {{Txid{1}, 5}, {Txid{2}, 0}}) == 1);
}

TEST_CASE("point: a history from a clock that is ahead has its instants") {
  const std::vector<Moment> ahead = {{Txid{1}, kNow.ms - 1}, {Txid{2}, kNow.ms + 60'000}};
  CHECK(chosen("2026-11-21T09:16:00Z", ahead) == 1);
  CHECK(chosen("2026-11-21T09:17:00Z", ahead) == 0);
}

TEST_CASE("time zone: text and back") {
  for (const std::int64_t ms : {std::int64_t{0}, std::int64_t{-1}, kNow.ms}) {
    const auto point = parse_point(berlin().text(ms), kNow);
    REQUIRE(point);
    CHECK(point->time_ms == ms);
  }
  CHECK(TimeZone([](std::int64_t) { return 0; }).text(1) == "1970-01-01T00:00:00.001Z");
  CHECK(TimeZone([](std::int64_t) { return -12600; }).text(0) == "1969-12-31T20:30:00.000-03:30");
}

}  // namespace litetool
