// Files written by the real libraries of every release line: content, checksums, damage.
#include <catch2/catch.hpp>

#include "formats/ltx/v01.h"
#include "tests/support/ltx_images.h"

namespace litetool {
namespace {

using ltx::Variant;
using test::Pages;

struct Golden {
  std::string name;
  Variant variant;
  std::size_t size;
  std::string file_checksum;  // v0.1: header checksum
  std::string kind;
};

const std::vector<Golden>& golden_files() {
  static const std::vector<Golden> files = {
      {"v0.1.0-snap", Variant::kV01, 1536, "838a2f2576a9429c", "snap"},
      {"v0.1.0-incr", Variant::kV01, 1024, "e37d4cd48a403ec4", "incr"},
      {"v0.1.0-event", Variant::kV01, 1024, "c53238848ad3b274", "incr"},
      {"v0.2.0-snap", Variant::kV020, 1104, "a51db99711f25966", "snap"},
      {"v0.2.0-incr", Variant::kV020, 588, "e09f968583b5ccfe", "incr"},
      {"v0.2.2-snap", Variant::kV022, 1152, "d4369381bbee3d4d", "snap"},
      {"v0.2.2-incr", Variant::kV022, 636, "882fec99c06e0de2", "incr"},
      {"v0.2.3-snap", Variant::kV1Raw, 1152, "e45037ac6c84bfac", "snap"},
      {"v0.2.3-incr", Variant::kV1Raw, 636, "f261b3a2e3529e9c", "incr"},
      {"v0.3.0-raw-snap", Variant::kV1Raw, 1152, "e45037ac6c84bfac", "snap"},
      {"v0.3.0-raw-incr", Variant::kV1Raw, 636, "c0423862d71a8fe6", "incr"},
      {"v0.3.0-lz4-snap", Variant::kV1Lz4, 168, "914bae0f0735796d", "snap"},
      {"v0.3.0-lz4-incr", Variant::kV1Lz4, 160, "8b2f8ee0d6e6f6f4", "incr"},
      {"v0.3.14-raw-snap", Variant::kV1Raw, 1152, "fa1ffb26dcbbdca6", "snap"},
      {"v0.3.14-raw-incr", Variant::kV1Raw, 636, "b35be712e42a681e", "incr"},
      {"v0.3.14-lz4-snap", Variant::kV1Lz4, 168, "8f046285b70a1a67", "snap"},
      {"v0.3.14-lz4-incr", Variant::kV1Lz4, 160, "f8365190e5d6110c", "incr"},
      {"v0.3.14-raw-compacted", Variant::kV1Raw, 1152, "d6862eea08c423b9", "compacted"},
      {"v0.3.14-lz4-compacted", Variant::kV1Lz4, 169, "a39db7496375e578", "compacted"},
      {"v0.3.14-raw-drop", Variant::kV1Raw, 120, "813fec4473e72dd1", "drop"},
      {"v0.3.14-lz4-drop", Variant::kV1Lz4, 139, "806ff81536f37dc4", "drop"},
      {"v0.4.0-snap", Variant::kV2, 230, "c91ed101eed3f6c9", "snap"},
      {"v0.4.0-incr", Variant::kV2, 179, "b350470b8d88d59c", "incr"},
      {"v0.5.1-snap", Variant::kV3Frame, 236, "9c5ee958ff3ec57e", "snap"},
      {"v0.5.1-incr", Variant::kV3Frame, 183, "a06ccb1d06fbe5aa", "incr"},
      {"v0.5.2-snap", Variant::kV3Block, 206, "d7b4894bdb0d7ad5", "snap"},
      {"v0.5.2-incr", Variant::kV3Block, 168, "c7c4883ebd5ab145", "incr"},
  };
  return files;
}

Buffer bytes_of(const Golden& g) {
  return test::golden_file("ltx/" + g.name + ".ltx");
}

Pages pages_of(const std::string& kind) {
  const auto page = [](unsigned v) { return test::filled_page(512, v); };
  if (kind == "snap") return {{1, page(1)}, {2, page(2)}};
  if (kind == "incr") return {{2, page(3)}};
  if (kind == "compacted") return {{1, page(1)}, {2, page(3)}};
  return {};
}

std::string post_apply_of(const std::string& kind) {
  if (kind == "drop") return "8000000000000000";
  return kind == "snap" ? "ad2dffe333333333" : "a678a10ddddddddd";
}

}  // namespace

TEST_CASE("golden files: variant, header, pages and trailer are read") {
  for (const Golden& g : golden_files()) {
    INFO(g.name);
    const Buffer file = bytes_of(g);
    REQUIRE(file.size() == g.size);
    const auto read = test::read_ltx(file);
    if (!read) FAIL(read.error().text());
    CHECK(read->header.variant == g.variant);
    CHECK(read->header.page_size == 512);
    CHECK(read->header.commit == (g.kind == "drop" ? 0 : 2));
    CHECK(read->header.timestamp_ms == 1'700'000'000'000);
    CHECK(read->pages == pages_of(g.kind));
    CHECK(read->tail.page_count == read->pages.size());
    CHECK(read->tail.trailer.post_apply.text() == post_apply_of(g.kind));
    CHECK(read->tail.trailer.file_checksum.text() == g.file_checksum);
    CHECK(read->tail.end == file.size());
    CHECK(read->header.dbid == (ltx::has_dbid(g.variant) ? 7 : 0));
    CHECK(read->header.is_snapshot() == (g.kind == "snap" || g.kind == "compacted"));
    CHECK(read->header.max_txid.value == (g.kind == "snap" ? 1 : g.kind == "drop" ? 3 : 2));
  }
}

TEST_CASE("golden files: WAL fields and node id") {
  const auto incr = test::read_ltx(test::golden_file("ltx/v0.5.2-incr.ltx"));
  REQUIRE(incr);
  CHECK(incr->header.wal_offset == 32);
  CHECK(incr->header.wal_size == 536);
  CHECK(incr->header.wal_salt1 == 0x11223344);
  CHECK(incr->header.wal_salt2 == 0x55667788);
  CHECK(incr->header.node_id == 0xAABBCCDDEEFF0011);
  CHECK(incr->header.pre_apply.text() == "ad2dffe333333333");
}

TEST_CASE("golden files: v0.1 sums and events") {
  const Buffer file = test::golden_file("ltx/v0.1.0-event.ltx");
  const MemorySource source(file);
  const auto reader = ltx::FrameReader::open(source, Variant::kV01);
  REQUIRE(reader);
  const auto& v01 = *reader->header().v01;
  CHECK(v01.header_block_checksum.text() == "a8b2156b6e77339a");
  CHECK(v01.page_block_checksum.text() == "d126733333333333");
  CHECK(v01.header_checksum.text() == "c53238848ad3b274");
  CHECK(reader->header().timestamp_stored == 1'700'000'000);
  const auto events = ltx::read_v01_events(source, 0, reader->header());
  REQUIRE(events);
  REQUIRE(events->size() == 2);
  CHECK(std::ranges::equal((*events)[0], as_bytes("hello")));
  CHECK(std::ranges::equal((*events)[1], as_bytes("abc")));
}

TEST_CASE("golden files: cut anywhere, they are refused") {
  for (const Golden& g : golden_files()) {
    const Buffer file = bytes_of(g);
    for (std::size_t n = 0; n < file.size(); ++n) {
      const auto read = test::read_ltx(Bytes(file).first(n));
      INFO(g.name << " cut to " << n);
      REQUIRE_FALSE(read);
      REQUIRE(read.error().code == Errc::kCorrupt);
      REQUIRE(read.error().offset.has_value());
      REQUIRE(*read.error().offset <= file.size());
    }
  }
}

TEST_CASE("golden files: no flipped bit yields other pages") {
  for (const Golden& g : golden_files()) {
    Buffer file = bytes_of(g);
    const Pages want = pages_of(g.kind);
    std::size_t undetected = 0;
    for (std::size_t bit = 0; bit < 8 * file.size(); ++bit) {
      const std::byte mask{static_cast<unsigned char>(1u << (bit % 8))};
      file[bit / 8] ^= mask;
      const auto read = test::read_ltx(file);
      file[bit / 8] ^= mask;
      if (!read) continue;
      ++undetected;
      INFO(g.name << " bit " << bit % 8 << " of byte " << bit / 8);
      REQUIRE(read->pages == want);
      REQUIRE(read->tail.trailer.file_checksum.text() == g.file_checksum);
    }
    // Only the unused match length of a block's last token, and match offsets within a run of equal
    // bytes, may go unnoticed; uncompressed files have neither.
    INFO(g.name);
    const bool compressed = file.size() < 512;
    CHECK(undetected <= (compressed ? 40 : 0));
  }
}

TEST_CASE(
    "golden files: bytes behind the trailer are refused in a file, accepted behind an image") {
  for (const Golden& g : golden_files()) {
    INFO(g.name);
    Buffer file = bytes_of(g);
    file.insert(file.end(), 3, std::byte{0x7e});
    const auto read = test::read_ltx(file);
    CHECK_FALSE(read);
    const MemorySource source(file);
    const auto image = ltx::verify_image(source, 0, ltx::Extent::kImage);
    if (!image) FAIL(image.error().text());
    CHECK(image->tail.end == g.size);
    CHECK(image->header.variant == g.variant);
  }
}

TEST_CASE("golden files: read from the middle of a source") {
  for (const Golden& g : golden_files()) {
    INFO(g.name);
    Buffer file(1000, std::byte{0xee});
    const Buffer image = bytes_of(g);
    file.insert(file.end(), image.begin(), image.end());
    const MemorySource source(file);
    const auto read = ltx::verify_image(source, 1000);
    if (!read) FAIL(read.error().text());
    CHECK(read->tail.end == 1000 + g.size);
  }
}

TEST_CASE("golden files: the encoder writes the same bytes or the same checksum") {
  for (const Golden& g : golden_files()) {
    if (g.variant != Variant::kV1Raw && g.variant != Variant::kV1Lz4) continue;
    INFO(g.name);
    const Buffer file = bytes_of(g);
    const auto read = test::read_ltx(file);
    REQUIRE(read);
    const Buffer again = test::make_ltx(read->header, read->pages, read->tail.trailer.post_apply);
    if (g.variant == Variant::kV1Raw) CHECK(again == file);
    const auto reread = test::read_ltx(again);
    REQUIRE(reread);
    CHECK(reread->tail.trailer.file_checksum.text() == g.file_checksum);
  }
}

}  // namespace litetool
