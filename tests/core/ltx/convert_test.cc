#include "core/ltx/convert.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "core/ltx/extract.h"
#include "core/ltx/page_checksum_table.h"
#include "tests/support/ltx_images.h"
#include "tests/support/temp_dir.h"

namespace litetool {
namespace {

using ltx::Variant;
using test::filled_page;

// Four transactions that grow, change and shrink a database.
struct Chain {
  test::TempDir dir;
  std::vector<Buffer> images;
  test::LtxChain chain{512, Variant::kV1Lz4};
  Job job{posix_env(), 2};

  Chain() {
    images.push_back(chain.commit({{1, filled_page(512, 1)}, {2, filled_page(512, 2)}}));
    images.push_back(chain.commit({{2, filled_page(512, 3)}, {3, filled_page(512, 4)}}));
    images.push_back(chain.commit({{1, filled_page(512, 5)}}, 2));
    images.push_back(chain.commit({{3, filled_page(512, 6)}}, 3));
    std::filesystem::create_directory(dir.file("in"));
    for (std::size_t i = 0; i < images.size(); ++i) {
      test::write_file(dir.file("in/" + name(i)), images[i]);
    }
  }
  static std::string name(std::size_t i) { return ltx::file_name({Txid{i + 1}, Txid{i + 1}}); }

  Status convert(const std::string& from, const std::string& to, ConvertOptions options) const {
    auto images_found = find_images(job, {dir.file(from)});
    if (!images_found) return images_found.error();
    LT_TRY(convert_images(job, *images_found, {dir.file(to), true}, options));
    return {};
  }
};

}  // namespace

TEST_CASE("convert: from LiteFS to Litestream and back, byte for byte") {
  for (const Variant between : {Variant::kV3Frame, Variant::kV3Block, Variant::kV2}) {
    Chain c;
    ConvertOptions strip;
    strip.variant = between;
    strip.checksums = ChecksumChange::kStrip;
    REQUIRE(c.convert("in", "between", strip));
    for (std::size_t i = 0; i < c.images.size(); ++i) {
      const auto read = test::read_ltx(test::read_file(c.dir.file("between/" + c.name(i))));
      REQUIRE(read);
      CHECK(read->header.variant == between);
      CHECK_FALSE(read->header.has_checksums());
      CHECK(read->tail.trailer.post_apply == Checksum{});
    }
    ConvertOptions add;
    add.variant = Variant::kV1Lz4;
    add.checksums = ChecksumChange::kAdd;
    const Status added = c.convert("between", "back", add);
    if (!added) FAIL(added.error().text());
    for (std::size_t i = 0; i < c.images.size(); ++i) {
      CHECK(test::read_file(c.dir.file("back/" + c.name(i))) == c.images[i]);
    }
  }
}

TEST_CASE("convert: checksums are added upon a base, of files or of a database") {
  Chain c;
  ConvertOptions strip;
  strip.variant = Variant::kV3Frame;
  strip.checksums = ChecksumChange::kStrip;
  REQUIRE(c.convert("in", "between", strip));
  std::filesystem::create_directory(c.dir.file("base"));
  std::filesystem::rename(c.dir.file("between/" + c.name(0)), c.dir.file("base/" + c.name(0)));
  ConvertOptions add;
  add.variant = Variant::kV1Lz4;
  add.checksums = ChecksumChange::kAdd;
  const Status without = c.convert("between", "no", add);
  REQUIRE_FALSE(without);
  CHECK(without.error().code == Errc::kUsage);
  add.base = c.dir.file("base");
  const Status with = c.convert("between", "back", add);
  if (!with) FAIL(with.error().text());
  for (std::size_t i = 1; i < c.images.size(); ++i) {
    CHECK(test::read_file(c.dir.file("back/" + c.name(i))) == c.images[i]);
  }
}

TEST_CASE("convert: adding to files that have checksums proves them") {
  Chain c;
  ConvertOptions add;
  add.variant = Variant::kV3Block;
  add.checksums = ChecksumChange::kAdd;
  CHECK(c.convert("in", "out", add));
  test::LtxChain other(512);
  (void)other.commit({{1, filled_page(512, 9)}, {2, filled_page(512, 9)}});
  const auto header = test::ltx_header(Variant::kV3Block, 512, 3, 2, 2, other.pos().checksum, 1);
  test::write_file(c.dir.file("in/" + c.name(1)),
                   test::make_ltx(header, {{3, filled_page(512, 4)}}, other.pos().checksum));
  const Status broken = c.convert("in", "bad", add);
  REQUIRE_FALSE(broken);
  CHECK(broken.error().code == Errc::kBrokenChain);
}

TEST_CASE("convert: every golden file becomes each variant with the same pages") {
  for (const char* golden :
       {"v0.1.0-snap", "v0.2.0-snap", "v0.2.2-snap", "v0.2.3-snap", "v0.3.0-raw-snap",
        "v0.3.14-lz4-snap", "v0.4.0-snap", "v0.5.1-snap", "v0.5.2-snap"}) {
    for (const Variant to : ltx::kWritableVariants) {
      INFO(golden);
      test::TempDir dir;
      const Job job{posix_env(), 1};
      test::write_file(dir.file("in.ltx"),
                       test::golden_file(std::string("ltx/") + golden + ".ltx"));
      const auto images = find_images(job, {dir.file("in.ltx")});
      REQUIRE(images);
      ConvertOptions options;
      options.variant = to;
      const auto done = convert_images(job, *images, {dir.file("out.ltx"), false}, options);
      if (!done) FAIL(done.error().text());
      const auto read = test::read_ltx(test::read_file(dir.file("out.ltx")));
      if (!read) FAIL(read.error().text());
      CHECK(read->header.variant == to);
      CHECK(read->pages == test::Pages{{1, filled_page(512, 1)}, {2, filled_page(512, 2)}});
      CHECK(read->tail.trailer.post_apply.text() == "ad2dffe333333333");
      for (const auto& [pgno, page] : read->pages) {
        const auto out = find_images(job, {dir.file("out.ltx")});
        REQUIRE(out);
        const auto extracted = extract_page(job, out->front(), pgno);
        REQUIRE(extracted);
        CHECK(*extracted == page);
      }
    }
  }
}

TEST_CASE("split: a segment falls into its images, and back") {
  test::TempDir dir;
  const Job job{posix_env(), 2};
  test::LtxChain chain(1024);
  std::vector<Buffer> images;
  Buffer segment;
  for (unsigned i = 0; i < 5; ++i) {
    images.push_back(chain.commit({{1, test::mixed_page(1024, i)}}));
    segment.insert(segment.end(), images.back().begin(), images.back().end());
  }
  test::write_file(dir.file("s.ltxs"), segment);
  const auto found = list_images(job, dir.file("s.ltxs"));
  REQUIRE(found);
  REQUIRE(found->size() == 5);
  const auto split = split_images(job, *found, dir.file("out/deep"), false);
  if (!split) FAIL(split.error().text());
  for (std::size_t i = 0; i < 5; ++i) CHECK(test::read_file((*split)[i].path) == images[i]);
  CHECK(split_images(job, *found, dir.file("out/deep"), false).error().code == Errc::kExists);

  const auto third = extract_page(job, (*found)[2], 1);
  REQUIRE(third);
  CHECK(*third == test::mixed_page(1024, 2));
  CHECK(extract_page(job, (*found)[2], 2).error().code == Errc::kNotFound);

  // Damage in one image: those before it are there, it and those after are not.
  segment[images[0].size() + images[1].size() + 300] ^= std::byte{1};
  test::write_file(dir.file("s.ltxs"), segment);
  const auto damaged = list_images(job, dir.file("s.ltxs"));
  REQUIRE(damaged);
  const auto partly = split_images(job, *damaged, dir.file("part"), false);
  REQUIRE_FALSE(partly);
  CHECK(partly.error().code == Errc::kCorrupt);
  CHECK(std::filesystem::exists((*split)[1].path));
}

TEST_CASE("page checksum table: more pages than stay in memory keep their values") {
  test::TempDir dir;
  PageChecksumTable table(posix_env(), dir.file("t"));
  // One page in each of 600 blocks, of which 256 stay in memory.
  const auto pgno = [](std::uint64_t i) { return static_cast<Pgno>(1 + i * 8192); };
  for (std::uint64_t i = 0; i < 600; ++i) REQUIRE(table.set(pgno(i), Checksum{i + 1}));
  for (std::uint64_t i = 0; i < 600; ++i) {
    const auto got = table.get(pgno(i));
    REQUIRE(got);
    CHECK(got->value == i + 1);
  }
  CHECK(table.get(2)->value == 0);
  table.clear();
  CHECK(table.get(1)->value == 0);
}

}  // namespace litetool
