#include "formats/ltx/decoder.h"

#include <catch2/catch.hpp>

#include "formats/base/compress.h"
#include "tests/support/ltx_images.h"

namespace litetool {
namespace {

using ltx::Variant;
using test::Pages;

constexpr Checksum kSum{0x8000000000000002};

// Stores the file checksum of a raw v1 file whose bytes were changed.
void reseal_raw(Buffer& file) {
  const std::uint64_t crc = crc64(0, Bytes(file).first(file.size() - 8));
  store_be(file.data() + file.size() - 8, as_checksum(crc).value);
}

Buffer raw_increment(std::uint32_t page_size, Pgno commit, std::initializer_list<Pgno> pgnos) {
  Pages pages;
  for (const Pgno pgno : pgnos) pages[pgno] = test::filled_page(page_size, pgno & 0xff);
  return test::make_ltx(test::ltx_header(Variant::kV1Raw, page_size, commit, 2, 2, kSum), pages,
                        kSum);
}

// One page, and `extra` bytes behind the end of the pages in their LZ4 frame.
Buffer lz4_increment(std::size_t extra) {
  const auto header = test::ltx_header(Variant::kV1Lz4, 512, 9, 2, 2, kSum);
  Buffer good = test::make_ltx(header, {{3, test::filled_page(512, 1)}}, kSum);
  Buffer block(4 + 512 + 4 + extra);
  store_be(block.data(), std::uint32_t{3});
  std::fill_n(block.begin() + 4, 512, std::byte{1});
  Buffer file(good.begin(), good.begin() + 100);
  Lz4FrameEncoder lz4;
  REQUIRE(lz4.begin(file));
  REQUIRE(lz4.update(block, file));
  REQUIRE(lz4.end(file));
  file.insert(file.end(), good.end() - 16, good.end());
  return file;
}

}  // namespace

TEST_CASE("decoder: the lock page of old files is tolerated and passed over") {
  const Pgno lock = lock_page(65536);
  Buffer file = raw_increment(65536, lock + 5, {lock - 1});
  store_be(file.data() + 100, lock);
  reseal_raw(file);
  const auto read = test::read_ltx(file);
  if (!read) FAIL(read.error().text());
  CHECK(read->pages.empty());
  CHECK(read->tail.page_count == 1);
  CHECK(read->tail.has_lock_page);
}

TEST_CASE("decoder: the lock page is refused where no writer ever put it") {
  const Pgno lock = lock_page(65536);
  Buffer file = test::make_ltx(test::ltx_header(Variant::kV3Block, 65536, lock + 5, 2, 2, kSum),
                               {{lock - 1, test::filled_page(65536, 1)}}, kSum);
  store_be(file.data() + 100, lock);
  const auto read = test::read_ltx(file);
  REQUIRE_FALSE(read);
  CHECK(read.error().offset == 100);
}

TEST_CASE("decoder: page order is enforced even below a right file checksum") {
  const auto refused = [](Buffer file, std::size_t frame, Pgno pgno) {
    store_be(file.data() + 100 + 516 * frame, pgno);
    reseal_raw(file);
    const auto read = test::read_ltx(file);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == Errc::kCorrupt);
    return *read.error().offset == 100 + 516 * frame;
  };
  const Buffer increment = raw_increment(512, 9, {2, 4, 6});
  CHECK(refused(increment, 1, 2));
  CHECK(refused(increment, 1, 1));
  CHECK(refused(increment, 2, 10));
  const Pages pages = {{1, test::filled_page(512, 1)}, {2, test::filled_page(512, 2)}};
  const Buffer snapshot = test::make_ltx(test::ltx_header(Variant::kV1Raw, 512, 2, 1, 1), pages);
  CHECK(refused(snapshot, 1, 1));
  CHECK(refused(snapshot, 0, 2));
}

TEST_CASE("decoder: an incomplete snapshot is refused") {
  const Pages pages = {{1, test::filled_page(512, 1)}, {2, test::filled_page(512, 2)}};
  Buffer file = test::make_ltx(test::ltx_header(Variant::kV1Raw, 512, 2, 1, 1), pages);
  store_be(file.data() + 12, std::uint32_t{3});
  reseal_raw(file);
  const auto read = test::read_ltx(file);
  REQUIRE_FALSE(read);
  CHECK(read.error().message.find("snapshot ends at page 2") != std::string::npos);
}

TEST_CASE("decoder: a snapshot must have the database checksum that it claims") {
  const Pages pages = {{1, test::filled_page(512, 1)}, {2, test::filled_page(512, 2)}};
  for (const Variant v : ltx::kWritableVariants) {
    const auto header = test::ltx_header(v, 512, 2, 1, 1);
    const Buffer file = test::make_ltx(header, pages, kSum);
    const auto read = test::read_ltx(file);
    REQUIRE_FALSE(read);
    CHECK(read.error().offset == file.size() - 16);
    CHECK(read.error().message.find("ad2dffe333333333") != std::string::npos);
  }
}

TEST_CASE("decoder: bytes behind the last page inside the lz4 block are refused") {
  CHECK(test::read_ltx(lz4_increment(0)));
  CHECK_FALSE(test::read_ltx(lz4_increment(1)));
  CHECK_FALSE(test::read_ltx(lz4_increment(200'000)));
}

TEST_CASE("frame reader: where the pages do not end there is no tail") {
  const Buffer file = lz4_increment(40);
  const MemorySource source(file);
  auto reader = ltx::FrameReader::open(source, Variant::kV1Lz4);
  REQUIRE(reader);
  REQUIRE_FALSE(reader->skip_frames());
  const auto tail = reader->finish();
  REQUIRE_FALSE(tail);
  CHECK(tail.error().code == Errc::kFailed);
}

TEST_CASE("decoder: sizes from the file are bounded before they are used") {
  const Buffer good = test::make_ltx(test::ltx_header(Variant::kV3Block, 512, 9, 2, 2, kSum),
                                     {{3, test::random_page(512, 1)}}, kSum);
  for (const std::uint32_t size : {0u, 0xffffffffu, 0x7fffffffu, 600u}) {
    Buffer file = good;
    store_be(file.data() + 106, size);
    const MemorySource source(file);
    auto decoder = ltx::Decoder::open_as(source, Variant::kV3Block);
    REQUIRE(decoder);
    CHECK_FALSE(decoder->finish());
  }
  Buffer flags = good;
  store_be(flags.data() + 104, std::uint16_t{3});
  const MemorySource source(flags);
  auto decoder = ltx::Decoder::open_as(source, Variant::kV3Block);
  REQUIRE(decoder);
  const auto tail = decoder->finish();
  REQUIRE_FALSE(tail);
  CHECK(tail.error().offset == 104);
}

TEST_CASE("decoder: a buffer of the wrong size is an error of the caller") {
  const Buffer file = test::golden_file("ltx/v0.5.2-snap.ltx");
  const MemorySource source(file);
  auto decoder = ltx::Decoder::open(source);
  REQUIRE(decoder);
  Buffer page(1024);
  const auto pgno = decoder->next(page);
  REQUIRE_FALSE(pgno);
  CHECK(pgno.error().code == Errc::kFailed);
}

TEST_CASE("decoder: random damage is found or harmless, in every variant") {
  Pages pages;
  for (Pgno pgno = 1; pgno <= 6; ++pgno) {
    pages[pgno] = pgno % 2 == 0 ? test::random_page(512, pgno) : test::mixed_page(512, pgno);
  }
  std::uint64_t seed = 42;
  const auto next = [&seed] {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return seed >> 33;
  };
  for (const Variant v : ltx::kWritableVariants) {
    const Buffer good = test::make_ltx(test::ltx_header(v, 512, 6, 1, 1), pages);
    for (int round = 0; round < 3000; ++round) {
      Buffer file = good;
      const std::uint64_t changes = 1 + next() % 4;
      for (std::uint64_t i = 0; i < changes; ++i) {
        const auto at = static_cast<std::ptrdiff_t>(next() % file.size());
        switch (next() % 4) {
          case 0:
            file[static_cast<std::size_t>(at)] = static_cast<std::byte>(next());
            break;
          case 1:
            file.erase(file.begin() + at);
            break;
          case 2:
            file.insert(file.begin() + at, static_cast<std::byte>(next()));
            break;
          default:
            file[static_cast<std::size_t>(at)] ^= std::byte{0x80};
            break;
        }
      }
      const auto read = test::read_ltx(file);
      if (read) REQUIRE(read->pages == pages);
    }
  }
}

TEST_CASE("decoder: headers at random never crash it") {
  std::uint64_t seed = 7;
  for (int round = 0; round < 4000; ++round) {
    Buffer file = test::random_page(300, seed += 977);
    store_be(file.data(), ltx::kMagic);
    store_be(file.data() + 4, std::uint32_t{round % 5 == 0 ? 1u : 0u});
    store_be(file.data() + 8, std::uint32_t{512u << (round % 8)});
    store_be(file.data() + 16, std::uint64_t{1});
    std::fill(file.begin() + 40, file.begin() + 100, std::byte{0});
    if (round % 3 == 0) store_be(file.data() + 104, std::uint32_t{0x04224d18});
    if (round % 3 == 1) store_be(file.data() + 104, std::uint32_t{0x00010000});
    CHECK_FALSE(test::read_ltx(file));
  }
}

}  // namespace litetool
