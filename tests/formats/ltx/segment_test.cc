#include "formats/ltx/segment.h"

#include <catch2/catch.hpp>

#include "tests/support/ltx_images.h"

namespace litetool {
namespace {

using test::LtxChain;
using test::Pages;

struct Segment {
  Buffer bytes;
  std::vector<std::uint64_t> starts;

  void append(const Buffer& image) {
    starts.push_back(bytes.size());
    bytes.insert(bytes.end(), image.begin(), image.end());
  }
};

Segment make_segment() {
  Segment s;
  LtxChain chain(512);
  Pages base;
  for (Pgno pgno = 1; pgno <= 300; ++pgno) base[pgno] = test::mixed_page(512, pgno);
  s.append(chain.commit(base));
  s.append(chain.commit({{7, test::random_page(512, 1)}}));
  s.append(chain.commit({}, 200));  // shrinks: no pages
  s.append(chain.commit({{1, test::filled_page(512, 9)}, {201, test::random_page(512, 2)}}));
  s.append(chain.drop());
  s.append(chain.commit({{1, test::filled_page(512, 3)}}));
  return s;
}

}  // namespace

TEST_CASE("segment: images are found forward and backward alike") {
  const Segment s = make_segment();
  const MemorySource source(s.bytes);
  ltx::SegmentReader reader(source);
  std::vector<ltx::ImageInfo> images;
  for (;;) {
    const auto image = reader.next();
    if (!image) FAIL(image.error().text());
    if (!*image) break;
    images.push_back(**image);
  }
  REQUIRE(images.size() == s.starts.size());
  std::uint64_t end = s.bytes.size();
  for (std::size_t i = images.size(); i-- > 0;) {
    CHECK(images[i].offset == s.starts[i]);
    CHECK(images[i].header.min_txid.value == i + 1);
    const auto back = ltx::image_before(source, end);
    if (!back) FAIL(back.error().text());
    CHECK(back->offset == images[i].offset);
    CHECK(back->size == images[i].size);
    CHECK(back->header.max_txid == images[i].header.max_txid);
    CHECK(back->trailer.post_apply == images[i].trailer.post_apply);
    CHECK(back->trailer.file_checksum == images[i].trailer.file_checksum);
    end = back->offset;
  }
  CHECK(end == 0);
}

TEST_CASE("segment: cut anywhere in its last image, the end of the one before is found") {
  Segment s = make_segment();
  const std::size_t last = s.starts.back();
  for (std::size_t n = last; n <= s.bytes.size(); ++n) {
    const MemorySource source(Bytes(s.bytes).first(n));
    const auto found = ltx::find_segment_end(source, s.starts[1]);
    REQUIRE(found);
    const bool whole = n == s.bytes.size();
    REQUIRE(found->end == (whole ? n : last));
    REQUIRE(found->image_count == s.starts.size() - (whole ? 1 : 2));
    REQUIRE(found->torn == (!whole && n != last));
    REQUIRE(found->damage.has_value() == found->torn);
    REQUIRE(found->last->header.max_txid.value == s.starts.size() - (whole ? 0 : 1));
  }
}

TEST_CASE("segment: zeros behind the last image are a torn end") {
  Segment s = make_segment();
  const std::size_t size = s.bytes.size();
  s.bytes.resize(size + 4096);
  const auto found = ltx::find_segment_end(MemorySource(s.bytes));
  REQUIRE(found);
  CHECK(found->end == size);
  CHECK(found->torn);
}

TEST_CASE("segment: a page lost inside the last image is noticed although its structure is whole") {
  LtxChain chain(4096);
  Buffer bytes = chain.commit({{1, test::random_page(4096, 1)}});
  const std::size_t first = bytes.size();
  const Buffer second = chain.commit({{1, test::random_page(4096, 2)}});
  bytes.insert(bytes.end(), second.begin(), second.end());
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(first) + 1000, 2000, std::byte{0});
  const auto found = ltx::find_segment_end(MemorySource(bytes));
  REQUIRE(found);
  CHECK(found->end == first);
  CHECK(found->damage.has_value());
}

TEST_CASE("segment: damage with whole images behind it is not called torn") {
  Segment s = make_segment();
  s.bytes[s.starts[1] + 130] ^= std::byte{1};
  const auto found = ltx::find_segment_end(MemorySource(s.bytes));
  REQUIRE(found);
  CHECK(found->end == s.starts[1]);
  CHECK(found->image_count == 1);
  CHECK(found->damage.has_value());
  CHECK_FALSE(found->torn);
}

TEST_CASE("segment: an empty one has no images and no damage") {
  const Buffer empty;
  const MemorySource source(empty);
  const auto found = ltx::find_segment_end(source);
  REQUIRE(found);
  CHECK(found->end == 0);
  CHECK(found->image_count == 0);
  CHECK_FALSE(found->damage.has_value());
  CHECK_FALSE(ltx::image_before(source, 0));
  ltx::SegmentReader reader(source);
  const auto image = reader.next();
  REQUIRE(image);
  CHECK_FALSE(image->has_value());
}

TEST_CASE("segment: stepping backward over random bytes fails cleanly") {
  const Segment s = make_segment();
  for (std::size_t end = 0; end < s.bytes.size(); end += end < 3000 ? 1 : 101) {
    const auto image = ltx::image_before(MemorySource(s.bytes), end);
    const bool real =
        std::find(s.starts.begin(), s.starts.end(), end) != s.starts.end() && end != 0;
    REQUIRE(image.ok() == real);
  }
}

}  // namespace litetool
