#include "core/os/file_watch.h"

#include <fcntl.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "core/os/env.h"
#include "tests/support/temp_dir.h"

namespace litetool::test {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kLong{30'000};
constexpr milliseconds kNow{0};

TEST_CASE("a watch reports one write and is gone") {
  const TempDir temp;
  write_file(temp.file("log"), as_bytes("x"));
  const UniqueFd dir(::open(temp.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const auto files = FileWatch::create();
  REQUIRE(files);
  const auto watch = (*files)->watch_once(dir.get(), "log");
  REQUIRE(watch);
  CHECK((*files)->wait(kNow).empty());
  const auto log = posix_env().open(dir.get(), "log", OpenMode::kReadWrite);
  REQUIRE(log);
  REQUIRE((*log)->write_at(as_bytes("y"), 0));
  CHECK((*files)->wait(kLong) == std::vector<int>{*watch});
  REQUIRE((*log)->write_at(as_bytes("z"), 0));
  CHECK((*files)->wait(kNow).empty());
}

TEST_CASE("a watch reports that its file is gone; what is not there cannot be watched") {
  const TempDir temp;
  write_file(temp.file("log"), as_bytes("x"));
  const auto files = FileWatch::create();
  REQUIRE(files);
  const auto watch = (*files)->watch_once(kCwd, temp.file("log"));
  REQUIRE(watch);
  std::filesystem::remove(temp.file("log"));
  CHECK((*files)->wait(kLong) == std::vector<int>{*watch});
  const auto none = (*files)->watch_once(kCwd, temp.file("none"));
  REQUIRE_FALSE(none);
  CHECK(none.error().code == Errc::kNotFound);
}

TEST_CASE("a wait is ended by a call from elsewhere, also by one that came before it") {
  const auto files = FileWatch::create();
  REQUIRE(files);
  (*files)->wake();
  CHECK((*files)->wait(milliseconds(-1)).empty());
}

}  // namespace
}  // namespace litetool::test
