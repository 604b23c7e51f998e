#include "formats/ltx/page_index.h"

#include <catch2/catch.hpp>

#include "tests/support/ltx_images.h"

namespace litetool {
namespace {

using ltx::IndexEntry;
using ltx::Variant;

Buffer sparse_image(Variant v) {
  test::Pages pages;
  for (Pgno pgno = 3; pgno < 100'000; pgno = pgno * 5 / 4 + 1) {
    pages[pgno] = test::mixed_page(512, pgno);
  }
  return test::make_ltx(test::ltx_header(v, 512, 100'000, 2, 2, Checksum{Checksum::kFlag | 2}),
                        pages, Checksum{Checksum::kFlag | 3});
}

}  // namespace

TEST_CASE("varint: round trip, and bounds") {
  std::byte raw[ltx::kMaxVarintSize];
  for (const std::uint64_t v : {std::uint64_t{0}, std::uint64_t{127}, std::uint64_t{128},
                                std::uint64_t{300}, std::uint64_t{1} << 35, UINT64_MAX}) {
    const std::size_t n = ltx::encode_varint(raw, v);
    std::uint64_t back = 1;
    CHECK(ltx::decode_varint(Bytes(raw, n), back) == n);
    CHECK(back == v);
    CHECK(ltx::decode_varint(Bytes(raw, n - 1), back) == 0);
  }
  std::fill(std::begin(raw), std::end(raw), std::byte{0xff});
  std::uint64_t v = 0;
  CHECK(ltx::decode_varint(raw, v) == 0);
  raw[9] = std::byte{2};  // 65 bits
  CHECK(ltx::decode_varint(raw, v) == 0);
}

TEST_CASE("page index: look-up and load agree with the frames") {
  for (const Variant v : {Variant::kV2, Variant::kV3Frame, Variant::kV3Block}) {
    const Buffer file = sparse_image(v);
    const MemorySource source(file);
    auto reader = ltx::FrameReader::open(source, v);
    REQUIRE(reader);
    const auto loaded = ltx::load_page_index(source, 0, file.size());
    REQUIRE(loaded);
    std::vector<IndexEntry> want;
    ltx::FrameBatch batch;
    while (*reader->read_batch(batch)) {
      for (const auto& f : batch.frames()) want.push_back({f.pgno, f.offset, f.size()});
    }
    CHECK(*loaded == want);
    const auto last = ltx::last_entry(source, *ltx::find_index(source, 0, file.size()));
    REQUIRE(last);
    CHECK(*last == want.back());
    for (const IndexEntry& entry : want) {
      const auto found = ltx::lookup_page(source, 0, file.size(), entry.pgno);
      REQUIRE(found);
      CHECK(*found == entry);
      CHECK(load_be<std::uint32_t>(file.data() + entry.offset) == entry.pgno);
    }
    for (const Pgno missing : {1u, 5u, 99'999u}) {
      const auto found = ltx::lookup_page(source, 0, file.size(), missing);
      REQUIRE(found);
      CHECK_FALSE(found->has_value());
    }
  }
}

TEST_CASE("page index: entries of any size, over all the pieces that it is read in") {
  ltx::IndexBuilder builder(100);
  std::vector<IndexEntry> want;
  std::uint64_t offset = 100;
  for (Pgno pgno = 1; want.size() < 60'000; pgno += 1 + pgno % 3) {
    const std::uint64_t size = 1 + (std::uint64_t{pgno} * 2'654'435'761) % 5000;
    REQUIRE(builder.add(pgno, size));
    want.push_back({pgno, offset, size});
    offset += size;
  }
  MemorySink index;
  REQUIRE(builder.write(index));
  const MemorySource source(index.buffer);
  ltx::IndexReader reader(source, 0, index.buffer.size() - ltx::kIndexLengthSize);
  IndexEntry entry;
  for (const IndexEntry& expected : want) {
    const auto more = reader.next(entry);
    REQUIRE(more);
    REQUIRE(*more);
    REQUIRE(entry == expected);
  }
  const auto more = reader.next(entry);
  REQUIRE(more);
  CHECK_FALSE(*more);
  CHECK_FALSE(reader.next(entry));
}

TEST_CASE("page index: the last entry of any size, behind any other") {
  const std::uint64_t sizes[] = {1, 127, 128, 16'384, std::uint64_t{1} << 35, UINT64_MAX};
  for (const std::uint64_t before : sizes) {
    for (const std::uint64_t size : sizes) {
      Buffer bytes;
      ltx::append_index_entry(bytes, {1, 100, before});
      const IndexEntry want{128, size, before};
      ltx::append_index_entry(bytes, want);
      bytes.push_back(std::byte{0});
      const auto last = ltx::last_entry(MemorySource(bytes), {0, bytes.size()});
      REQUIRE(last);
      CHECK(*last == want);
    }
  }
}

TEST_CASE("page index: the last entry of none, and of what is none") {
  const auto last_of = [](std::initializer_list<unsigned> raw) {
    Buffer bytes;
    for (const unsigned b : raw) bytes.push_back(static_cast<std::byte>(b));
    return ltx::last_entry(MemorySource(bytes), {0, bytes.size()});
  };
  const auto none = last_of({0});
  REQUIRE(none);
  CHECK_FALSE(none->has_value());
  CHECK_FALSE(last_of({1, 100, 5}));                                // no 0 at the end
  CHECK_FALSE(last_of({1, 100, 0x80, 0}));                          // a 0 of two bytes
  CHECK_FALSE(last_of({100, 5, 0}));                                // half an entry
  CHECK_FALSE(last_of({0, 100, 5, 0}));                             // of no page
  CHECK_FALSE(last_of({0xff, 0xff, 0xff, 0xff, 0x7f, 100, 5, 0}));  // of a page beyond 32 bits
}

TEST_CASE("page index: an entry that is cut, or an end that comes too early") {
  Buffer bytes;
  ltx::append_index_entry(bytes, {1, 100, 300});
  ltx::append_index_entry(bytes, {2, 400, 300});
  bytes.push_back(std::byte{0});
  for (std::size_t end = 0; end < bytes.size(); ++end) {
    const MemorySource source(bytes);
    ltx::IndexReader reader(source, 0, end);
    IndexEntry entry;
    while (true) {
      const auto more = reader.next(entry);
      if (!more) break;
      REQUIRE(*more);
    }
    CHECK(reader.position() <= end);
  }
  bytes.push_back(std::byte{7});
  const MemorySource source(bytes);
  ltx::IndexReader reader(source, 0, bytes.size());
  IndexEntry entry;
  REQUIRE(reader.next(entry));
  REQUIRE(reader.next(entry));
  CHECK_FALSE(reader.next(entry));
}

TEST_CASE("page index: offsets count from the image, wherever it stands") {
  const Buffer image = sparse_image(Variant::kV3Block);
  Buffer whole(12345 + image.size(), std::byte{9});
  std::copy(image.begin(), image.end(), whole.begin() + 12345);
  const MemorySource source(whole);
  const auto found = ltx::lookup_page(source, 12345, whole.size(), 4);
  REQUIRE(found);
  REQUIRE(found->has_value());
  CHECK(load_be<std::uint32_t>(whole.data() + 12345 + (*found)->offset) == 4);
}

TEST_CASE("page index: an impossible length is refused") {
  Buffer file = sparse_image(Variant::kV3Block);
  const std::size_t at = file.size() - 24;
  for (const std::uint64_t length :
       {std::uint64_t{0}, std::uint64_t{file.size()}, UINT64_MAX, UINT64_MAX - 24}) {
    store_be(file.data() + at, length);
    const MemorySource source(file);
    CHECK_FALSE(ltx::load_page_index(source, 0, file.size()));
    CHECK_FALSE(ltx::lookup_page(source, 0, file.size(), 4));
  }
  const MemorySource source(file);
  CHECK_FALSE(ltx::find_index(source, 0, 20));
  CHECK_FALSE(ltx::find_index(source, 50, 20));
}

TEST_CASE("page index: the entry that differs from its frame is named") {
  Buffer file = sparse_image(Variant::kV3Block);
  const auto length = load_be<std::uint64_t>(file.data() + file.size() - 24);
  const std::size_t begin = file.size() - 24 - length;
  REQUIRE(file[begin] == std::byte{3});
  file[begin] = std::byte{2};
  auto read = test::read_ltx(file);
  REQUIRE_FALSE(read);
  CHECK(read.error().offset == begin);
  CHECK(read.error().message.find("page index has page 2") != std::string::npos);
  CHECK(read.error().message.find("the frame is page 3") != std::string::npos);
  file[begin] = std::byte{0};
  read = test::read_ltx(file);
  REQUIRE_FALSE(read);
  CHECK(read.error().code == Errc::kCorrupt);
  file[begin] = std::byte{3};
  file[file.size() - 17] ^= std::byte{1};
  read = test::read_ltx(file);
  REQUIRE_FALSE(read);
  CHECK(read.error().offset == file.size() - 24);
}

}  // namespace litetool
