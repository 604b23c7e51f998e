// One file of a history from its end to its beginning: each image is looked at once.
#include "core/history/file_images.h"

#include <catch2/catch.hpp>

#include "tests/support/hooked_env.h"
#include "tests/support/ltx_images.h"
#include "tests/support/temp_dir.h"

namespace litetool::test {
namespace {

constexpr std::uint32_t kPageSize = 4096;

// Images of `pages` pages each, which do not shrink.
std::vector<Buffer> make_images(std::size_t count, Pgno pages) {
  LtxChain chain(kPageSize);
  std::vector<Buffer> images;
  while (images.size() < count) {
    Pages changed;
    for (Pgno pgno = 1; pgno <= pages; ++pgno) {
      changed[pgno] = random_page(kPageSize, images.size() * pages + pgno);
    }
    images.push_back(chain.commit(changed));
  }
  return images;
}

}  // namespace

TEST_CASE("a file of large images is walked with one read an image", "[history]") {
  constexpr std::size_t kImages = 60;
  const std::vector<Buffer> images = make_images(kImages, 20);
  const TempDir temp;
  const std::string path = temp.file("images.ltxs");
  Buffer segment;
  for (const Buffer& image : images) segment.insert(segment.end(), image.begin(), image.end());
  write_file(path, segment);

  HookedEnv env;
  std::size_t reads = 0;
  std::size_t bytes = 0;
  env.on_read = [&](const std::string&, std::size_t size) {
    ++reads;
    bytes += size;
  };
  auto walk = FileImages::open(env, kCwd, path);
  REQUIRE(walk);
  for (std::size_t left = kImages; left > 0; --left) {
    const auto image = walk->next();
    REQUIRE(image);
    REQUIRE(*image);
    CHECK((*image)->max_txid.value == left);
    CHECK((*image)->size == images[left - 1].size());
  }
  const auto end = walk->next();
  REQUIRE(end);
  CHECK_FALSE(*end);
  CHECK(reads <= kImages + 2);
  CHECK(bytes <= reads * kPageSize);
}

TEST_CASE("a large page index is read once", "[history]") {
  const Buffer image = make_images(1, 3000).front();
  const std::uint64_t index_size = load_be<std::uint64_t>(image.data() + image.size() - 24);
  const TempDir temp;
  const std::string path = temp.file("base.ltxs");
  write_file(path, image);

  HookedEnv env;
  std::size_t bytes = 0;
  env.on_read = [&](const std::string&, std::size_t size) { bytes += size; };
  auto walk = FileImages::open(env, kCwd, path);
  REQUIRE(walk);
  const auto found = walk->next();
  REQUIRE(found);
  REQUIRE(*found);
  CHECK((*found)->commit == 3000);
  CHECK(bytes < index_size + 4 * std::size_t{kPageSize});
}

}  // namespace litetool::test
