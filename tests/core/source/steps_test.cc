// From images to steps and stretches, whatever levels of compaction they come from; and the same
// steps read from the newest on.
#include "core/source/steps.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "core/history/layout.h"
#include "core/source/ltx_files.h"
#include "core/source/step_walk.h"
#include "core/source/stretches.h"
#include "tests/support/hooked_env.h"
#include "tests/support/temp_dir.h"

namespace litetool::test {
namespace {

ImageRef image(std::uint64_t min, std::uint64_t max) {
  ImageRef ref;
  ref.header.min_txid = Txid{min};
  ref.header.max_txid = Txid{max};
  ref.header.timestamp_ms = static_cast<std::int64_t>(max) * 1000;
  return ref;
}

// "2-2 after 1"
std::string text_of(const Step& step) {
  std::string text =
      std::to_string(step.image.header.min_txid.value) + "-" + std::to_string(step.txid().value);
  if (step.from) text += " after " + std::to_string(step.from->value);
  return text;
}

std::string steps_of(std::vector<ImageRef> images) {
  std::string text;
  for (const Step& step : find_steps(std::move(images))) {
    text += (text.empty() ? "" : ", ") + text_of(step);
  }
  return text;
}

// "every transaction 1-4 (4), ..."
std::string stretches_of(std::vector<ImageRef> images) {
  std::string text;
  for (const Stretch& s : find_stretches(find_steps(std::move(images)))) {
    text += (text.empty() ? "" : ", ") + std::string(grain_text(s.grain)) + " " +
            std::to_string(s.first.txid.value) + "-" + std::to_string(s.last.txid.value) + " (" +
            std::to_string(s.points) + ")";
  }
  return text;
}

// An image that says another time than its kind.
ImageRef image_of(std::uint64_t min, std::uint64_t max, std::int64_t time_ms) {
  ImageRef ref = image(min, max);
  ref.header.timestamp_ms = time_ms;
  return ref;
}

// Of a history folder, oldest first.
std::string walked(const std::string& folder) {
  const Job job{posix_env()};
  const auto walk = walk_steps(job, {SourceKind::kLitetool, "h", {folder}});
  REQUIRE(walk);
  std::string text;
  for (;;) {
    const auto step = (*walk)->next();
    if (!step) return "error " + std::to_string(static_cast<int>(step.error().code));
    if (!*step) return text;
    text = text_of(**step) + (text.empty() ? "" : ", " + text);
  }
}

}  // namespace

TEST_CASE("steps: a chain, one by one") {
  CHECK(steps_of({}).empty());
  CHECK(steps_of({image(1, 1), image(2, 2), image(3, 5)}) == "1-1, 2-2 after 1, 3-5 after 2");
  CHECK(steps_of({image(3, 3), image(1, 2)}) == "1-2, 3-3 after 2");
}

TEST_CASE("steps: what none of them leads to is a hole") {
  const auto hole_of = [](std::vector<ImageRef> images, std::uint64_t newest) {
    const auto hole = hole_behind(find_steps(std::move(images)), Txid{newest});
    if (hole) CHECK(hole->code == Errc::kBrokenChain);
    return hole ? hole->message : "";
  };
  CHECK(hole_of({image(1, 1), image(2, 2)}, 2).empty());
  CHECK(hole_of({image(1, 1), image(3, 3), image(1, 4)}, 4).empty());
  CHECK(hole_of({image(1, 1), image(3, 3), image(4, 4)}, 4)
            .find("nothing leads on from 0000000000000001 to 0000000000000004") == 0);
  CHECK(hole_of({image(2, 2)}, 2).find("there is no snapshot") == 0);
  CHECK(hole_of({}, 0).empty());
}

TEST_CASE("steps: a state came when the first image says so, as its moment does") {
  const std::vector<ImageRef> images = {image_of(1, 1, 700),  image_of(1, 1, 500),
                                        image_of(1, 2, 0),    image_of(2, 2, 900),
                                        image_of(3, 3, 1000), image_of(2, 3, 4000)};
  const std::vector<Step> steps = find_steps(images);
  const auto source = make_ltx_source(images);
  REQUIRE(steps.size() == 3);
  REQUIRE(source->moments()->size() == 3);
  const std::int64_t times[] = {500, 900, 1000};
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(steps[i].time_ms == times[i]);
    CHECK((*source->moments())[i].time_ms == times[i]);
  }
}

TEST_CASE(
    "steps: of several ways to a state the finest, a snapshot only where it is the only one") {
  CHECK(steps_of({image(1, 1), image(2, 2), image(3, 3), image(2, 3), image(1, 3)}) ==
        "1-1, 2-2 after 1, 3-3 after 2");
  CHECK(steps_of({image(1, 3), image(2, 3), image(4, 4)}) == "1-3, 4-4 after 3");
  CHECK(steps_of({image(1, 1), image(1, 2), image(3, 3)}) == "1-1, 1-2 after 1, 3-3 after 2");
}

TEST_CASE("steps: files of several levels, the finest of which begin in the middle of another") {
  // 7 alone leads nowhere: the state 6 cannot be had.
  CHECK(steps_of({image(1, 4), image(5, 8), image(7, 7), image(8, 8), image(9, 9)}) ==
        "1-4, 5-8 after 4, 9-9 after 8");
  CHECK(steps_of({image(1, 4), image(3, 8)}) == "1-4, 3-8 after 4");
}

TEST_CASE("steps: what follows on from nothing is none") {
  CHECK(steps_of({image(2, 2), image(3, 3)}).empty());
  CHECK(steps_of({image(1, 1), image(3, 3), image(1, 5), image(6, 6)}) == "1-1, 1-5, 6-6 after 5");
}

TEST_CASE("stretches: grains, and where they change") {
  CHECK(stretches_of({}).empty());
  CHECK(stretches_of({image(1, 7)}) == "snapshots 7-7 (1)");
  CHECK(stretches_of({image(1, 3), image(4, 4), image(5, 5)}) == "every transaction 3-5 (3)");
  CHECK(stretches_of({image(1, 3), image(4, 9), image(10, 12), image(13, 13), image(14, 14)}) ==
        "ranges 3-12 (3), every transaction 12-14 (3)");
  CHECK(stretches_of({image(1, 3), image(1, 5), image(1, 9), image(10, 10)}) ==
        "snapshots 3-9 (3), every transaction 9-10 (2)");
  CHECK(stretches_of({image(1, 1), image(2, 2), image(1, 5), image(6, 6), image(1, 9)}) ==
        "every transaction 1-2 (2), every transaction 5-6 (2), snapshots 9-9 (1)");
}

TEST_CASE("steps: read from the newest on, also while replaced files are still there") {
  const TempDir dir;
  const std::string golden = std::string(LITETOOL_GOLDEN_DIR) + "/ltx/v0.5.2-";
  const Buffer one = read_file(golden + "snap.ltx");
  const Buffer two = read_file(golden + "incr.ltx");
  Buffer both = one;
  both.insert(both.end(), two.begin(), two.end());
  CHECK(walked(dir.path()).empty());
  write_file(dir.file(segment_name(Txid{1})), one);
  write_file(dir.file(segment_name(Txid{2})), two);
  CHECK(walked(dir.path()) == "1-1, 2-2 after 1");
  write_file(dir.file(compacted_name(Txid{1}, Txid{2}, 2)), both);
  CHECK(walked(dir.path()) == "1-1, 2-2 after 1");
  std::filesystem::remove(dir.file(segment_name(Txid{1})));
  CHECK(walked(dir.path()) == "1-1, 2-2 after 1");
  std::filesystem::remove(dir.file(compacted_name(Txid{1}, Txid{2}, 2)));
  CHECK(walked(dir.path()) == "2-2 after 1");
  // An append that has not finished is not seen yet; damage before it is.
  both.insert(both.end(), two.begin(), two.begin() + 150);
  write_file(dir.file(segment_name(Txid{1})), both);
  CHECK(walked(dir.path()) == "1-1, 2-2 after 1");
  both[2] = std::byte{0};
  std::filesystem::remove(dir.file(segment_name(Txid{2})));
  write_file(dir.file(segment_name(Txid{1})), Bytes(both).first(one.size() + two.size()));
  CHECK(walked(dir.path()) == "error " + std::to_string(static_cast<int>(Errc::kCorrupt)));
}

TEST_CASE("steps: of a long history only the end is read") {
  constexpr std::uint64_t kImages = 5000;
  const TempDir dir;
  const Buffer golden = read_file(std::string(LITETOOL_GOLDEN_DIR) + "/ltx/v0.5.2-incr.ltx");
  Buffer segment;
  for (std::uint64_t txid = 2; txid < 2 + kImages; ++txid) {
    Buffer image = golden;
    store_be(image.data() + 16, txid);
    store_be(image.data() + 24, txid);
    segment.insert(segment.end(), image.begin(), image.end());
  }
  write_file(dir.file(segment_name(Txid{2})), segment);
  HookedEnv env;
  std::uint64_t bytes = 0;
  env.on_read = [&](const std::string&, std::size_t size) { bytes += size; };
  const Job job{env};
  const auto walk = walk_steps(job, {SourceKind::kLitetool, "h", {dir.path()}});
  REQUIRE(walk);
  for (std::uint64_t i = 0; i < 20; ++i) {
    const auto step = (*walk)->next();
    REQUIRE(step);
    REQUIRE(*step);
    CHECK((*step)->txid() == Txid{1 + kImages - i});
  }
  CHECK(bytes < segment.size() / 2);
}

}  // namespace litetool::test
