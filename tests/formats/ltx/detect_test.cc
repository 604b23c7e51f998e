#include "formats/ltx/detect.h"

#include <catch2/catch.hpp>

#include "tests/support/ltx_images.h"

namespace litetool {
namespace {

using ltx::Extent;
using ltx::Variant;
using test::Pages;

constexpr Checksum kSum{0x8000000000000002};

Result<Variant> detect(const Buffer& file, Extent extent = Extent::kWholeFile) {
  return ltx::detect_variant(MemorySource(file), 0, extent);
}

void put(Buffer& page, std::size_t at, std::initializer_list<unsigned> bytes) {
  for (const unsigned b : bytes) page[at++] = static_cast<std::byte>(b);
}

}  // namespace

TEST_CASE("detect: a raw page that begins like a compressed one is still raw") {
  std::vector<Buffer> decoys(4, test::random_page(512, 5));
  put(decoys[0], 0, {0x04, 0x22, 0x4d, 0x18, 0x64, 0x40, 0xa7, 0x18, 0, 0, 0});
  put(decoys[1], 0, {0, 0, 0x04, 0x22, 0x4d, 0x18, 0x64, 0x40, 0xa7});
  put(decoys[2], 0, {0, 1, 0, 0, 0, 24});
  put(decoys[3], 0, {0, 1, 0, 0, 1, 0});
  for (const Buffer& decoy : decoys) {
    for (const Pgno more : {0u, 1u, 9u}) {
      Pages pages = {{2, decoy}};
      for (Pgno i = 0; i < more; ++i) pages[3 + i] = test::random_page(512, i);
      const Buffer file =
          test::make_ltx(test::ltx_header(Variant::kV1Raw, 512, 20, 2, 2, kSum), pages, kSum);
      for (const Extent extent : {Extent::kWholeFile, Extent::kImage}) {
        const auto found = detect(file, extent);
        REQUIRE(found);
        CHECK(*found == Variant::kV1Raw);
      }
      const auto read = test::read_ltx(file);
      REQUIRE(read);
      CHECK(read->pages == pages);
    }
  }
}

TEST_CASE("detect: a compressed file that could be raw is told by its checksum") {
  for (const Variant v : {Variant::kV2, Variant::kV3Frame, Variant::kV3Block}) {
    // Incompressible pages, so that chosen bytes stand where raw page numbers would.
    Pages pages;
    for (Pgno pgno = 1; pgno <= 12; ++pgno) pages[pgno] = test::random_page(512, pgno);
    const auto header = test::ltx_header(v, 512, 0x7fffffff, 2, 2, kSum);
    Buffer file;
    for (unsigned i = 1; i <= 4; ++i) {
      const std::size_t at = 100 + 516 * i;
      file = test::make_ltx(header, pages, kSum);
      for (auto& [pgno, page] : pages) {
        const auto place = std::search(file.begin(), file.end(), page.begin(), page.end());
        REQUIRE(place != file.end());
        const auto start = static_cast<std::size_t>(place - file.begin());
        if (start <= at && at + 4 <= start + 512) put(page, at - start, {0, 1, i, 0});
      }
    }
    file = test::make_ltx(header, pages, kSum);
    for (std::uint32_t i = 1; i <= 3; ++i) {
      REQUIRE(load_be<std::uint32_t>(file.data() + 100 + 516 * i) == (0x10000 | i << 8));
    }
    const auto found = detect(file, Extent::kImage);
    REQUIRE(found);
    CHECK(*found == v);
  }
}

TEST_CASE("detect: encrypted files are named and refused") {
  Buffer file = test::golden_file("ltx/v0.5.2-snap.ltx");
  file[3] = std::byte{'4'};
  const auto found = detect(file);
  REQUIRE_FALSE(found);
  CHECK(found.error().code == Errc::kUnsupported);
  CHECK(found.error().message.find("encrypted") != std::string::npos);
}

TEST_CASE("detect: what is no LTX file") {
  for (const std::size_t size : {0u, 3u, 4u, 200u}) {
    const auto found = detect(Buffer(size, std::byte{0x53}));
    REQUIRE_FALSE(found);
    CHECK(found.error().code == Errc::kCorrupt);
  }
  Buffer zeros(4096);
  store_be(zeros.data(), ltx::kMagic);
  const auto unknown = detect(zeros);
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == Errc::kCorrupt);
  for (const char* name : {"unknown LTX variant", "v0.1", "v0.2.0", "v0.2.2", "v1"}) {
    CHECK(unknown.error().message.find(name) != std::string::npos);
  }
}

TEST_CASE("detect: a cut file is called truncated") {
  for (const char* name : {"v0.3.14-raw-snap", "v0.3.14-lz4-snap", "v0.4.0-snap", "v0.5.1-snap",
                           "v0.5.2-snap", "v0.1.0-snap"}) {
    const Buffer file = test::golden_file(std::string("ltx/") + name + ".ltx");
    for (const std::size_t n :
         {file.size() - 1, file.size() - 17, std::size_t{112}, std::size_t{50}}) {
      const auto read = test::read_ltx(Bytes(file).first(n));
      INFO(name << " cut to " << n);
      REQUIRE_FALSE(read);
      CHECK(read.error().code == Errc::kCorrupt);
      CHECK(read.error().message.find("truncated") != std::string::npos);
    }
  }
}

}  // namespace litetool
