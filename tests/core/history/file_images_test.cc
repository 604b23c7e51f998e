// One file of a history from its end to its beginning: each image is looked at once, and the file
// has what its name says.
#include "core/history/file_images.h"

#include <catch2/catch.hpp>

#include "core/history/layout.h"
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

// What is wrong with a file of this name and these images; empty when nothing is.
std::string fault_of(const std::string& name, const std::vector<Buffer>& images) {
  const TempDir temp;
  Buffer bytes;
  for (const Buffer& image : images) bytes.insert(bytes.end(), image.begin(), image.end());
  write_file(temp.file(name), bytes);
  auto walk = FileImages::open(posix_env(), kCwd, temp.file(name));
  REQUIRE(walk);
  for (;;) {
    const auto image = walk->next();
    if (!image) {
      CHECK(image.error().code == Errc::kCorrupt);
      return image.error().message;
    }
    if (!*image) return "";
  }
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

TEST_CASE("a file that has not what its name says is damaged", "[history]") {
  const std::vector<Buffer> images = make_images(3, 2);
  const std::vector<Buffer> with_gap = {images[0], images[2]};
  const std::vector<Buffer> one = {images[0]};
  CHECK(fault_of(segment_name(Txid{1}), images).empty());
  CHECK(fault_of(compacted_name(Txid{1}, Txid{3}, 3), images).empty());
  CHECK(fault_of(compacted_name(Txid{1}, Txid{3}, 2), with_gap).empty());
  CHECK(fault_of(ltx::file_name({Txid{1}, Txid{1}}), one).empty());

  const std::string says = ", not what its name says";
  CHECK(fault_of(segment_name(Txid{2}), images) ==
        "it begins with transaction 0000000000000001" + says);
  CHECK(fault_of(segment_name(Txid{1}), with_gap) ==
        "transaction 0000000000000003 does not follow on from 0000000000000001");
  CHECK(fault_of(compacted_name(Txid{1}, Txid{4}, 3), images) ==
        "it ends with transaction 0000000000000003" + says);
  CHECK(fault_of(compacted_name(Txid{1}, Txid{3}, 2), images) == "it holds 3 images" + says);
  CHECK(fault_of(ltx::file_name({Txid{1}, Txid{2}}), one) ==
        "it ends with transaction 0000000000000001" + says);
  CHECK(fault_of(ltx::file_name({Txid{2}, Txid{3}}), {images[2]}) ==
        "it begins with transaction 0000000000000003" + says);
}

}  // namespace litetool::test
