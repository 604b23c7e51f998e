#include "formats/ltx/frame.h"

#include <lz4frame.h>

#include <catch2/catch.hpp>

#include "formats/base/compress.h"
#include "tests/support/ltx_images.h"

namespace litetool {
namespace {

using ltx::Frame;
using ltx::PayloadKind;
using ltx::PreparedFrame;
using ltx::Variant;
using test::Pages;

constexpr Checksum kSum{0x8000000000000002};

// Puts an image together from frames as they are.
class HandMade {
 public:
  explicit HandMade(const ltx::Header& h)
      : header_(h), checksum_(h.variant, ltx::encode_header(h)), index_(100) {
    const auto head = ltx::encode_header(h);
    sink_.buffer.assign(head.begin(), head.end());
  }
  void add(const PreparedFrame& frame) {
    add(frame.pgno(), frame.bytes(), frame.crc(), frame.hashed_size());
  }
  void add(Pgno pgno, Bytes bytes, std::uint64_t crc, std::uint64_t hashed_size) {
    REQUIRE(sink_.write(bytes));
    REQUIRE(index_.add(pgno, bytes.size()));
    checksum_.append(crc, hashed_size);
  }
  Buffer finish(Checksum post) {
    MemorySink tail;
    REQUIRE(tail.write(Buffer(ltx::page_header_size(header_.variant))));
    if (ltx::has_page_index(header_.variant)) REQUIRE(index_.write(tail));
    ByteWriter w(tail.buffer);
    w.be(post.value);
    checksum_.extend(tail.buffer);
    w.be(checksum_.value().value);
    REQUIRE(sink_.write(tail.buffer));
    return sink_.buffer;
  }

 private:
  ltx::Header header_;
  ltx::FileChecksum checksum_;
  ltx::IndexBuilder index_;
  MemorySink sink_;
};

Pages varied_pages(std::uint32_t page_size, Pgno count) {
  Pages pages;
  for (Pgno pgno = 1; pgno <= count; ++pgno) {
    pages[pgno] =
        pgno % 3 == 0 ? test::random_page(page_size, pgno) : test::mixed_page(page_size, pgno);
  }
  return pages;
}

// All frames of an image, decoded; `use` gets the frame, its logical CRC and the page.
template <typename Use>
void each_frame(const Buffer& file, Variant variant, Use use) {
  const MemorySource source(file);
  auto reader = ltx::FrameReader::open(source, variant);
  REQUIRE(reader);
  Buffer page(reader->header().page_size);
  ltx::FrameBatch batch;
  for (;;) {
    const auto more = reader->read_batch(batch);
    REQUIRE(more);
    if (!*more) break;
    for (const Frame& frame : batch.frames()) {
      const auto crc = decode_frame(frame, page);
      REQUIRE(crc);
      use(frame, *crc, Bytes(page));
    }
  }
  REQUIRE(reader->finish());
}

}  // namespace

TEST_CASE("frame: page checksums follow from logical CRCs") {
  const Pages pages = varied_pages(1024, 7);
  const ltx::PageCrc page_crc(1024);
  for (const Variant v : ltx::kWritableVariants) {
    const Buffer file = test::make_ltx(test::ltx_header(v, 1024, 7, 1, 1), pages);
    each_frame(file, v, [&](const Frame& frame, std::uint64_t crc, Bytes page) {
      CHECK(page_crc.page_checksum(frame, crc) == page_checksum(frame.pgno, page));
      CHECK(crc == crc64(crc64(0, frame.head), page));
    });
  }
  for (const char* name : {"ltx/v0.1.0-snap.ltx"}) {
    const ltx::PageCrc small(512);
    each_frame(test::golden_file(name), Variant::kV01,
               [&](const Frame& frame, std::uint64_t crc, Bytes page) {
                 CHECK(small.page_checksum(frame, crc) == page_checksum(frame.pgno, page));
               });
  }
}

TEST_CASE("frame: blocks are carried over without compressing again") {
  const Pages pages = varied_pages(4096, 9);
  const Buffer want = test::make_ltx(test::ltx_header(Variant::kV3Block, 4096, 9, 1, 1), pages);
  const ltx::PageCrc page_crc(4096);
  for (const Variant v : ltx::kWritableVariants) {
    const Buffer from = test::make_ltx(test::ltx_header(v, 4096, 9, 1, 1), pages);
    MemorySink sink;
    auto encoder = ltx::Encoder::start(sink, test::ltx_header(Variant::kV3Block, 4096, 9, 1, 1));
    REQUIRE(encoder);
    PreparedFrame prepared;
    std::size_t carried = 0;
    each_frame(from, v, [&](const Frame& frame, std::uint64_t crc, Bytes page) {
      if (reframe_v3_block(frame, crc, 4096, page_crc, prepared)) {
        ++carried;
      } else {
        prepare_frame(Variant::kV3Block, frame.pgno, page, prepared);
      }
      REQUIRE(encoder->add_prepared(prepared));
    });
    REQUIRE(encoder->finish(test::database_checksum(pages)));
    CHECK(sink.buffer == want);
    // Raw pages must be compressed; in LZ4 frames incompressible pages are stored, not blocks.
    CHECK(carried == (v == Variant::kV3Block ? 9 : ltx::has_page_index(v) ? 6 : 0));
  }
}

TEST_CASE("frame: both page forms of v3 in one file") {
  const Pages pages = varied_pages(512, 40);
  for (const bool block_first : {false, true}) {
    HandMade image(test::ltx_header(Variant::kV3Block, 512, 40, 1, 1));
    PreparedFrame frame;
    for (const auto& [pgno, page] : pages) {
      const bool block = (pgno % 2 == 1) == block_first;
      prepare_frame(block ? Variant::kV3Block : Variant::kV3Frame, pgno, page, frame);
      image.add(frame);
    }
    const Buffer file = image.finish(test::database_checksum(pages));
    const auto read = test::read_ltx(file);
    if (!read) FAIL(read.error().text());
    CHECK(read->pages == pages);
    CHECK(read->header.variant == (block_first ? Variant::kV3Block : Variant::kV3Frame));
  }
}

TEST_CASE("frame: lz4 frames of other writers are read in v2 and v3") {
  for (const Variant v : {Variant::kV2, Variant::kV3Frame}) {
    HandMade image(test::ltx_header(v, 4096, 8, 2, 2, kSum));
    Pages pages;
    for (Pgno pgno = 1; pgno <= 8; ++pgno) {
      LZ4F_preferences_t preferences{};
      preferences.frameInfo.contentChecksumFlag = static_cast<LZ4F_contentChecksum_t>(pgno & 1);
      preferences.frameInfo.blockChecksumFlag = static_cast<LZ4F_blockChecksum_t>(pgno >> 1 & 1);
      preferences.frameInfo.contentSize = (pgno >> 2 & 1) != 0 ? 4096 : 0;
      const Buffer page = test::mixed_page(4096, pgno);
      const std::size_t head_size = ltx::page_header_size(v);
      Buffer bytes(head_size + LZ4F_compressFrameBound(4096, &preferences));
      store_be(bytes.data(), pgno);
      const std::size_t n = LZ4F_compressFrame(bytes.data() + head_size, bytes.size() - head_size,
                                               page.data(), page.size(), &preferences);
      REQUIRE(LZ4F_isError(n) == 0);
      bytes.resize(head_size + n);
      const Bytes head = Bytes(bytes).first(head_size);
      image.add(pgno, bytes, crc64(crc64(0, head), page), head_size + 4096);
      pages[pgno] = page;
    }
    const auto read = test::read_ltx(image.finish(kSum));
    if (!read) FAIL(read.error().text());
    CHECK(read->pages == pages);
  }
}

TEST_CASE("frame: a payload that is not exactly one page is refused with its offset") {
  Buffer page(512);
  ltx::PreparedFrame prepared;
  for (const Variant v : {Variant::kV3Block, Variant::kV3Frame, Variant::kV1Raw}) {
    for (const std::uint32_t size : {256u, 1024u}) {
      prepare_frame(v, 3, test::mixed_page(size, 1), prepared);
      const std::size_t head = v == Variant::kV3Block ? 10 : v == Variant::kV3Frame ? 6 : 4;
      Frame frame;
      frame.pgno = 3;
      frame.offset = 777;
      frame.kind = v == Variant::kV3Block   ? PayloadKind::kLz4Block
                   : v == Variant::kV3Frame ? PayloadKind::kLz4Frame
                                            : PayloadKind::kRaw;
      frame.head = prepared.bytes().first(head);
      frame.payload = prepared.bytes().subspan(head);
      const auto crc = decode_frame(frame, page);
      REQUIRE_FALSE(crc);
      CHECK(crc.error().code == Errc::kCorrupt);
      CHECK(crc.error().offset == 777);
      CHECK(crc.error().message.find("page 3") != std::string::npos);
    }
  }
}

TEST_CASE("frame batch: views stay valid while it fills and when it moves") {
  ltx::FrameBatch batch;
  for (int round = 0; round < 2; ++round) {
    batch.clear();
    Pgno pgno = 0;
    while (batch.has_room(10 + 6000)) {
      ++pgno;
      Buffer bytes(10 + 6000, static_cast<std::byte>(pgno));
      Frame frame;
      frame.pgno = pgno;
      batch.add(frame, bytes, 10);
    }
    CHECK(batch.size() == ltx::FrameBatch::kMaxBytes / 6010);
    const ltx::FrameBatch moved = std::move(batch);
    for (const Frame& frame : moved.frames()) {
      REQUIRE(frame.head.size() == 10);
      REQUIRE(frame.payload.size() == 6000);
      REQUIRE(frame.head[0] == static_cast<std::byte>(frame.pgno));
      REQUIRE(frame.payload[5999] == static_cast<std::byte>(frame.pgno));
      REQUIRE(frame.payload.data() == frame.head.data() + 10);
    }
    batch = ltx::FrameBatch();
  }
}

TEST_CASE("frame: no page of a file is larger than a batch takes") {
  const Pages pages = {{1, test::random_page(65536, 1)}, {2, test::random_page(65536, 2)}};
  for (const Variant v : ltx::kWritableVariants) {
    const auto read = test::read_ltx(test::make_ltx(test::ltx_header(v, 65536, 2, 1, 1), pages));
    REQUIRE(read);
    CHECK(read->pages == pages);
  }
}

}  // namespace litetool
