#include "core/source/litestream_v3.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/support/temp_dir.h"

namespace litetool {
namespace {

const TimeZone& utc() {
  static const TimeZone kZone([](std::int64_t) { return 0; });
  return kZone;
}
const Now kNow{1'000'000, utc()};

V3File snapshot(const std::string& generation, std::uint64_t index, std::int64_t time_ms) {
  return {generation + "-s" + std::to_string(index), generation, true, index, 0, 1, time_ms};
}
V3File piece(const std::string& generation, std::uint64_t index, std::uint64_t offset,
             std::int64_t time_ms) {
  return {generation + "-w" + std::to_string(index) + "_" + std::to_string(offset),
          generation,
          false,
          index,
          offset,
          1,
          time_ms};
}

// Names of the files chosen, or the code of the error.
std::string planned(const std::vector<V3File>& files, const Point& point) {
  const auto plan = plan_v3(files, point, kNow);
  if (!plan) return "error " + std::to_string(static_cast<int>(plan.error().code));
  std::string text;
  for (const V3File& file : plan->files) text += (text.empty() ? "" : " ") + file.path;
  return text;
}

Point at(std::int64_t time_ms) {
  return {Point::Kind::kTime, 0, {}, time_ms};
}
std::string error(Errc code) {
  return "error " + std::to_string(static_cast<int>(code));
}

const std::vector<V3File> kFiles = {
    snapshot("a", 0, 100), piece("a", 0, 0, 110),  piece("a", 0, 50, 120), piece("a", 1, 0, 130),
    snapshot("a", 2, 140), piece("a", 2, 0, 135),  piece("a", 2, 9, 150),  snapshot("b", 0, 200),
    piece("b", 0, 0, 190), piece("b", 0, 70, 210),
};

}  // namespace

TEST_CASE("litestream 0.3: the newest snapshot at or before the point, and the logs from there") {
  CHECK(planned(kFiles, {}) == "b-s0 b-w0_0 b-w0_70");
  CHECK(planned(kFiles, at(205)) == "b-s0 b-w0_0");
  CHECK(planned(kFiles, at(199)) == "a-s2 a-w2_0 a-w2_9");
  CHECK(planned(kFiles, at(140)) == "a-s2 a-w2_0");
  CHECK(planned(kFiles, at(139)) == "a-s0 a-w0_0 a-w0_50 a-w1_0 a-w2_0");
  CHECK(planned(kFiles, at(100)) == "a-s0");
}

TEST_CASE("litestream 0.3: points that it cannot have") {
  CHECK(planned(kFiles, at(99)) == error(Errc::kNotFound));
  CHECK(planned(kFiles, at(1'000'001)) == error(Errc::kNotFound));
  CHECK(planned(kFiles, {Point::Kind::kTxid, 0, Txid{1}, 0}) == error(Errc::kUnsupported));
  CHECK(planned(kFiles, {Point::Kind::kLatest, 1, {}, 0}) == error(Errc::kUnsupported));
}

TEST_CASE("litestream 0.3: a missing log is a broken chain") {
  const std::string broken = error(Errc::kBrokenChain);
  CHECK(planned({snapshot("a", 0, 1), piece("a", 1, 0, 2)}, {}) == broken);
  CHECK(planned({snapshot("a", 0, 1), piece("a", 0, 5, 2)}, {}) == broken);
  CHECK(planned({snapshot("a", 0, 1), piece("a", 0, 0, 2), piece("a", 2, 0, 3)}, {}) == broken);
  CHECK(planned({snapshot("a", 0, 1), piece("a", 0, 0, 2), piece("a", 1, 5, 3)}, {}) == broken);
  CHECK(planned({snapshot("a", 0, 1), piece("a", 1, 0, 2)}, at(1)) == "a-s0");
}

TEST_CASE("litestream 0.3: files are known by their names") {
  test::TempDir dir;
  const auto add = [&](const std::string& path) {
    std::filesystem::create_directories(std::filesystem::path(dir.file(path)).parent_path());
    test::write_file(dir.file(path), {});
  };
  CHECK(list_v3_files(posix_env(), dir.path()).error().code == Errc::kNotFound);
  add("g/wal/0000000a_00000000.wal.lz4");
  add("g/wal/0000000a_0000100000000000.wal.lz4");
  for (const char* foreign : {"x.wal.lz4", "00000001.wal.lz4", "0000000a_0.wal.lz4", "_.wal.lz4",
                              "0000000g_00000000.wal.lz4", "0000000a_00000000.wal.lz4.tmp"}) {
    add(std::string("g/wal/") + foreign);
  }
  CHECK(list_v3_files(posix_env(), dir.path()).error().code == Errc::kNotFound);
  add("g/snapshots/0000000a.snapshot.lz4");
  add("g/snapshots/a.snapshot.lz4");
  const auto files = list_v3_files(posix_env(), dir.path());
  REQUIRE(files);
  REQUIRE(files->size() == 3);
  CHECK((*files)[0].snapshot);
  CHECK((*files)[1].offset == 0);
  CHECK((*files)[2].offset == 0x100000000000);
  CHECK((*files)[2].index == 10);
}

}  // namespace litetool
