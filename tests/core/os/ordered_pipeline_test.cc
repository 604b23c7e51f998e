#include "core/os/ordered_pipeline.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <set>

namespace litetool {

TEST_CASE("ordered pipeline: results arrive in order for any number of threads") {
  for (const unsigned threads : {1u, 2u, 3u, 8u}) {
    constexpr int kCount = 2000;
    int next = 0;
    std::vector<int> out;
    OrderedPipeline<int> pipeline(threads);
    const Status status = pipeline.run(
        [&](int& item) -> Result<bool> {
          item = next++;
          return item < kCount;
        },
        [](int& item) -> Status {
          if (item % 7 == 0) std::this_thread::yield();
          item *= 2;
          return {};
        },
        [&](int& item) -> Status {
          out.push_back(item);
          return {};
        });
    REQUIRE(status);
    REQUIRE(out.size() == kCount);
    for (int i = 0; i < kCount; ++i) REQUIRE(out[static_cast<std::size_t>(i)] == 2 * i);
  }
}

TEST_CASE("ordered pipeline: the first error in order wins, nothing after it is consumed") {
  for (const unsigned threads : {1u, 2u, 4u}) {
    int next = 0;
    int consumed = 0;
    OrderedPipeline<int> pipeline(threads);
    const Status status = pipeline.run(
        [&](int& item) -> Result<bool> {
          item = next++;
          return item < 1000;
        },
        [](int& item) -> Status {
          if (item >= 50) return Error(Errc::kCorrupt, "item " + std::to_string(item));
          return {};
        },
        [&](int&) -> Status {
          ++consumed;
          return {};
        });
    REQUIRE_FALSE(status);
    CHECK(status.error().message == "item 50");
    CHECK(consumed == 50);
  }
}

TEST_CASE("ordered pipeline: an error of produce or consume ends it") {
  OrderedPipeline<int> pipeline(2);
  int n = 0;
  const auto none = [](int&) -> Status { return {}; };
  const Status status = pipeline.run(
      [&](int&) -> Result<bool> {
        if (++n > 10) return Error(Errc::kStorage, "disk");
        return true;
      },
      none, none);
  REQUIRE_FALSE(status);
  CHECK(status.error().code == Errc::kStorage);
}

TEST_CASE("ordered pipeline: more than one thread works") {
  std::set<std::thread::id> seen;
  std::mutex mutex;
  int n = 0;
  OrderedPipeline<int> pipeline(2);
  REQUIRE(pipeline.run([&](int&) -> Result<bool> { return ++n <= 200; },
                       [&](int&) -> Status {
                         std::this_thread::sleep_for(std::chrono::microseconds(200));
                         const std::lock_guard lock(mutex);
                         seen.insert(std::this_thread::get_id());
                         return {};
                       },
                       [](int&) -> Status { return {}; }));
  CHECK(seen.size() == 2);
}

}  // namespace litetool
