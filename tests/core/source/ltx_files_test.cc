// Which images lead to a moment, by what they say of their transactions and times.
#include "core/source/ltx_files.h"

#include <catch2/catch.hpp>

#include "core/os/time_zone.h"

namespace litetool::test {
namespace {

constexpr std::int64_t kNowMs = 1'000'000;

ImageRef image(std::uint64_t min, std::uint64_t max, std::int64_t time_ms) {
  ImageRef ref;
  ref.header.min_txid = Txid{min};
  ref.header.max_txid = Txid{max};
  ref.header.timestamp_ms = time_ms;
  ref.header.page_size = 512;
  ref.header.commit = 1;
  ref.size = 10'000;
  return ref;
}

// "1-1 2-3", the images behind a point, or what is wrong.
std::string images_at(std::vector<ImageRef> images, const Point& point) {
  const auto source = make_ltx_source(std::move(images));
  const TimeZone utc([](std::int64_t) { return 0; });
  const auto found = source->find(point, Now{kNowMs, utc});
  if (!found) return found.error().message;
  const auto chain = source->chain_to(*found);
  if (!chain) return chain.error().message;
  const auto listed = list_chain(**chain);
  if (!listed) return listed.error().message;
  std::string text;
  for (const ImageRef& ref : *listed) {
    text += (text.empty() ? "" : " ") + std::to_string(ref.header.min_txid.value) + "-" +
            std::to_string(ref.header.max_txid.value);
  }
  return text;
}

Point at_time(std::int64_t time_ms) {
  Point point;
  point.kind = Point::Kind::kTime;
  point.time_ms = time_ms;
  return point;
}

Point at_txid(std::uint64_t txid) {
  Point point;
  point.kind = Point::Kind::kTxid;
  point.txid = Txid{txid};
  return point;
}

}  // namespace

TEST_CASE("LTX files: an instant takes no snapshot that was made later") {
  const std::vector<ImageRef> images = {image(1, 1, 10), image(2, 2, 20), image(3, 3, 30),
                                        image(1, 2, 25)};
  CHECK(images_at(images, at_time(20)) == "1-1 2-2");
  CHECK(images_at(images, at_time(24)) == "1-1 2-2");
  CHECK(images_at(images, at_time(25)) == "1-2");
  CHECK(images_at(images, at_time(30)) == "1-2 3-3");
  SECTION("a transaction does") {
    CHECK(images_at(images, at_txid(2)) == "1-2");
  }
}

TEST_CASE("LTX files: an instant needs a snapshot that was there by then") {
  const std::vector<ImageRef> images = {image(3, 3, 30), image(4, 4, 40), image(1, 3, 45),
                                        image(5, 5, 50)};
  CHECK_THAT(images_at(images, at_time(40)), Catch::Contains("no snapshot") &&
                                                 Catch::Contains("was made by then") &&
                                                 Catch::Contains("--at TXID"));
  CHECK(images_at(images, at_time(45)) == "1-3 4-4");
  CHECK(images_at(images, at_txid(4)) == "1-3 4-4");
}

TEST_CASE("LTX files: an instant behind a hole is no older state") {
  const std::vector<ImageRef> images = {image(1, 1, 10), image(3, 3, 30), image(1, 4, 40)};
  CHECK(images_at(images, at_time(29)) == "1-1");
  CHECK_THAT(images_at(images, at_time(30)), Catch::Contains("transactions are missing") &&
                                                 Catch::Contains("--at 0000000000000001"));
  CHECK(images_at(images, at_time(40)) == "1-4");
}

TEST_CASE("LTX files: where clocks went backwards, the highest transaction that is not later") {
  const std::vector<ImageRef> images = {image(1, 1, 100), image(2, 2, 90), image(3, 3, 110),
                                        image(4, 4, 95), image(5, 5, 200)};
  CHECK(images_at(images, at_time(92)) == "1-1 2-2");
  CHECK(images_at(images, at_time(100)) == "1-1 2-2 3-3 4-4");
  CHECK(images_at(images, at_time(200)) == "1-1 2-2 3-3 4-4 5-5");
}

TEST_CASE("LTX files: images without a time count as there") {
  CHECK(images_at({image(1, 1, 0), image(2, 2, 20), image(3, 3, 30)}, at_time(25)) == "1-1 2-2");
}

}  // namespace litetool::test
