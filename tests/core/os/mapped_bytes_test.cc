#include "core/os/mapped_bytes.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <vector>

#include "core/os/env.h"
#include "tests/support/temp_dir.h"

namespace litetool {
namespace {

constexpr std::size_t kSize = std::size_t{1} << 20;

// A file of kSize bytes 'x', which is in the page cache because it was just written.
std::unique_ptr<File> written_file(const test::TempDir& dir) {
  auto file = posix_env().open(kCwd, dir.file("data"), OpenMode::kCreate);
  REQUIRE(file);
  REQUIRE((*file)->write_at(Buffer(kSize, std::byte{'x'}), 0));
  return std::move(*file);
}

std::size_t count(const MappedBytes& mapped, char c) {
  return static_cast<std::size_t>(std::ranges::count(mapped.bytes(), static_cast<std::byte>(c)));
}

}  // namespace

TEST_CASE("mapped bytes: a cached file is seen as it is") {
  test::TempDir dir;
  const auto file = written_file(dir);
  const MappedBytes mapped = file->map_cached(4096, kSize - 4096);
  REQUIRE(mapped.bytes().size() == kSize - 4096);
  CHECK(count(mapped, 'x') == kSize - 4096);
  CHECK(mapped.intact());
}

TEST_CASE("mapped bytes: a file cut while it is mapped gives zeros and is told") {
  test::TempDir dir;
  const auto file = written_file(dir);
  const MappedBytes mapped = file->map_cached(0, kSize);
  REQUIRE(!mapped.empty());
  REQUIRE(file->truncate(8192));
  CHECK(count(mapped, 'x') == 8192);
  CHECK(count(mapped, '\0') == kSize - 8192);
  CHECK_FALSE(mapped.intact());

  const MappedBytes other = file->map_cached(0, 8192);
  CHECK(other.intact());
}

TEST_CASE("mapped bytes: an offset within a page of memory is not mapped") {
  test::TempDir dir;
  const auto file = written_file(dir);
  CHECK(file->map_cached(512, 4096).empty());
}

TEST_CASE("mapped bytes: more mappings than there is room for come back empty") {
  test::TempDir dir;
  const auto file = written_file(dir);
  std::vector<MappedBytes> mapped(100);
  for (auto& m : mapped) m = file->map_cached(0, 4096);
  CHECK(mapped.front().bytes().size() == 4096);
  CHECK(mapped.back().empty());
  mapped.clear();
  CHECK(!file->map_cached(0, 4096).empty());
}

}  // namespace litetool
