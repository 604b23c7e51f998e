#include "formats/ltx/encoder.h"

#include <catch2/catch.hpp>

#include "tests/support/ltx_images.h"

namespace litetool {
namespace {

using ltx::Encoder;
using ltx::Header;
using ltx::Variant;
using test::Pages;

constexpr Checksum kSum{0x8000000000000002};

Pages some_pages(std::uint32_t page_size, Pgno count) {
  Pages pages;
  for (Pgno pgno = 1; pgno <= count; ++pgno) {
    switch (pgno % 4) {
      case 0:
        pages[pgno] = test::random_page(page_size, pgno);
        break;
      case 1:
        pages[pgno] = test::filled_page(page_size, pgno & 0xff);
        break;
      case 2:
        pages[pgno] = test::mixed_page(page_size, pgno);
        break;
      default:
        pages[pgno] = test::filled_page(page_size, 0);
        break;
    }
  }
  return pages;
}

std::string file_checksum(const Header& h, const Pages& pages, const std::string& post) {
  const Buffer file = test::make_ltx(h, pages, Checksum{*parse_hex16(post)});
  return hex16(load_be<std::uint64_t>(file.data() + file.size() - 8));
}

Pages filled(std::uint32_t page_size, const std::map<Pgno, unsigned>& values) {
  Pages pages;
  for (const auto& [pgno, value] : values) pages[pgno] = test::filled_page(page_size, value);
  return pages;
}

}  // namespace

TEST_CASE("encoder: round trips of all variants and page sizes") {
  for (const Variant v : ltx::kWritableVariants) {
    for (std::uint32_t page_size = kMinPageSize; page_size <= kMaxPageSize; page_size *= 2) {
      for (const Pgno count : {0u, 1u, 5u, page_size == 512 ? 2500u : 6u}) {
        for (const std::uint32_t flags : {0u, ltx::kFlagNoChecksum}) {
          INFO(ltx::variant_name(v) << " " << page_size << " " << count << " " << flags);
          Header h = test::ltx_header(v, page_size, count, 1, 3, {}, 1'700'000'000'000);
          h.flags = flags;
          const Pages pages = some_pages(page_size, count);
          const Buffer file = test::make_ltx(h, pages);
          const auto read = test::read_ltx(file);
          if (!read) FAIL(read.error().text());
          REQUIRE(read->pages == pages);
          CHECK(read->header.variant ==
                (v == Variant::kV3Frame && count == 0 ? Variant::kV3Block : v));
          CHECK(read->header.has_checksums() == (flags == 0));
          const Checksum want = flags == 0 ? test::database_checksum(pages) : Checksum{};
          CHECK(read->tail.trailer.post_apply == want);
        }
      }
    }
  }
}

TEST_CASE("encoder: sizes of files without pages") {
  const std::map<Variant, std::size_t> sizes = {{Variant::kV1Raw, 120},
                                                {Variant::kV1Lz4, 139},
                                                {Variant::kV2, 129},
                                                {Variant::kV3Frame, 131},
                                                {Variant::kV3Block, 131}};
  for (const auto& [variant, size] : sizes) {
    const auto drop =
        test::make_ltx(test::ltx_header(variant, 512, 0, 3, 3, kSum), {}, kEmptyDatabase);
    CHECK(drop.size() == size);
    CHECK(test::read_ltx(drop));
    const auto none = test::make_ltx(test::ltx_header(variant, 512, 4, 3, 3, kSum), {}, kSum);
    CHECK(none.size() == size);
    CHECK(test::read_ltx(none));
  }
}

TEST_CASE("encoder: published file checksums of merged and single files") {
  const auto raw = [](std::uint32_t ps, Pgno commit, std::uint64_t min, std::uint64_t max,
                      std::uint64_t pre, std::int64_t ms) {
    return test::ltx_header(Variant::kV1Raw, ps, commit, min, max, Checksum{pre}, ms);
  };
  CHECK(file_checksum(raw(1024, 3, 1, 2, 0, 2000), filled(1024, {{1, 0x91}, {2, 0x82}, {3, 0x93}}),
                      "8a249272ad9f7dea") == "caf341fe1e6cddfb");
  CHECK(file_checksum(raw(1024, 5, 2, 9, 0x8000000000000002, 3000),
                      filled(1024, {{1, 0x91}, {2, 0xa2}, {3, 0xa3}, {5, 0xa5}}),
                      "8000000000000009") == "ead633959f3c67a8");
  CHECK(file_checksum(raw(1024, 2, 2, 5, 0x8000000000000002, 2000), filled(1024, {{1, 0x91}}),
                      "8000000000000005") == "f688132c3904f118");
  CHECK(file_checksum(raw(512, 1, 1, 1, 0, 1000), filled(512, {{1, '1'}}), "eb1a999231044ddd") ==
        "bab9b3d8b4fa3b31");
  Header backup = raw(512, 2, 1, 4, 0, 0);
  backup.variant = Variant::kV1Lz4;
  CHECK(file_checksum(backup, filled(512, {{1, 3}, {2, 2}}), "8b87423eeeeeeeee") ==
        "b8e6a652b0ec8453");
}

TEST_CASE("encoder: variants that are only read are refused") {
  for (const Variant v : {Variant::kV01, Variant::kV020, Variant::kV022}) {
    MemorySink sink;
    const auto e = Encoder::start(sink, test::ltx_header(v, 512, 1, 1, 1));
    REQUIRE_FALSE(e);
    CHECK(e.error().code == Errc::kUnsupported);
    CHECK(sink.buffer.empty());
  }
}

TEST_CASE("encoder: invalid headers are refused before anything is written") {
  MemorySink sink;
  CHECK_FALSE(Encoder::start(sink, test::ltx_header(Variant::kV3Block, 500, 1, 1, 1)));
  CHECK_FALSE(Encoder::start(sink, test::ltx_header(Variant::kV3Block, 512, 1, 2, 1, kSum)));
  CHECK_FALSE(Encoder::start(sink, test::ltx_header(Variant::kV3Block, 512, 1, 2, 2)));
  Header flags = test::ltx_header(Variant::kV2, 512, 1, 1, 1);
  flags.flags = 4;
  CHECK_FALSE(Encoder::start(sink, flags));
  CHECK(sink.buffer.empty());
}

TEST_CASE("encoder: page rules") {
  for (const Variant v : ltx::kWritableVariants) {
    MemorySink sink;
    auto e = Encoder::start(sink, test::ltx_header(v, 512, 5, 2, 2, kSum));
    REQUIRE(e);
    const Buffer page = test::filled_page(512, 1);
    CHECK_FALSE(e->add_page(0, page));
    CHECK_FALSE(e->add_page(6, page));
    CHECK_FALSE(e->add_page(1, Bytes(page).first(511)));
    CHECK_FALSE(e->add_page(1, test::filled_page(1024, 1)));
    CHECK(e->add_page(2, page));
    CHECK_FALSE(e->add_page(2, page));
    CHECK_FALSE(e->add_page(1, page));
    CHECK(e->add_page(5, page));
    CHECK(e->finish(kSum));
    CHECK(e->page_count() == 2);
    CHECK(e->bytes_written() == sink.buffer.size());
    const auto read = test::read_ltx(sink.buffer);
    if (!read) FAIL(read.error().text());
    CHECK(read->pages == Pages{{2, page}, {5, page}});
  }
}

TEST_CASE("encoder: snapshots are complete, drops are empty, the lock page is never written") {
  const Buffer page = test::filled_page(512, 1);
  MemorySink sink;
  auto snapshot = Encoder::start(sink, test::ltx_header(Variant::kV3Block, 512, 2, 1, 1));
  REQUIRE(snapshot);
  CHECK_FALSE(snapshot->add_page(2, page));
  CHECK(snapshot->add_page(1, page));
  CHECK_FALSE(snapshot->finish(kSum));
  auto drop = Encoder::start(sink, test::ltx_header(Variant::kV3Block, 512, 0, 2, 2, kSum));
  REQUIRE(drop);
  CHECK_FALSE(drop->add_page(1, page));
  CHECK_FALSE(drop->finish(kSum));
  CHECK(drop->finish(kEmptyDatabase));
  auto lock = Encoder::start(sink, test::ltx_header(Variant::kV3Block, 65536, 20000, 2, 2, kSum));
  REQUIRE(lock);
  CHECK_FALSE(lock->add_page(lock_page(65536), test::filled_page(65536, 1)));
}

TEST_CASE("encoder: finished is finished, and post-apply obeys the checksum flag") {
  MemorySink sink;
  auto e = Encoder::start(sink, test::ltx_header(Variant::kV3Block, 512, 5, 2, 2, kSum));
  REQUIRE(e);
  CHECK_FALSE(e->finish({}));
  CHECK_FALSE(e->finish(Checksum{5}));
  CHECK(e->finish(kSum));
  CHECK_FALSE(e->finish(kSum));
  CHECK_FALSE(e->add_page(1, test::filled_page(512, 1)));
  Header h = test::ltx_header(Variant::kV3Block, 512, 5, 2, 2);
  h.flags = ltx::kFlagNoChecksum;
  auto without = Encoder::start(sink, h);
  REQUIRE(without);
  CHECK_FALSE(without->finish(kSum));
  CHECK(without->finish({}));
}

TEST_CASE("encoder: a frame prepared for something else is refused") {
  MemorySink sink;
  auto e = Encoder::start(sink, test::ltx_header(Variant::kV3Block, 512, 5, 2, 2, kSum));
  REQUIRE(e);
  ltx::PreparedFrame frame;
  prepare_frame(Variant::kV3Frame, 1, test::filled_page(512, 1), frame);
  CHECK_FALSE(e->add_prepared(frame));
  prepare_frame(Variant::kV3Block, 1, test::filled_page(1024, 1), frame);
  CHECK_FALSE(e->add_prepared(frame));
  prepare_frame(Variant::kV3Block, 1, test::filled_page(512, 1), frame);
  CHECK(e->add_prepared(frame));
}

TEST_CASE("encoder: an error of the sink is passed on") {
  class FullSink : public ByteSink {
   public:
    Status write(Bytes) override { return Error(Errc::kDiskFull, "no space"); }
  } sink;
  auto e = Encoder::start(sink, test::ltx_header(Variant::kV3Block, 512, 5, 2, 2, kSum));
  REQUIRE(e);
  const auto trailer = e->finish(kSum);
  REQUIRE_FALSE(trailer);
  CHECK(trailer.error().code == Errc::kDiskFull);
}

}  // namespace litetool
