#include "formats/ltx/header.h"

#include <catch2/catch.hpp>
#include <limits>

#include "formats/ltx/page_order.h"
#include "tests/support/ltx_images.h"

namespace litetool {
namespace {

using ltx::Header;
using ltx::Variant;

constexpr Checksum kSum{0x8000000000000002};

Header snapshot() {
  return test::ltx_header(Variant::kV3Block, 4096, 10, 1, 4);
}
Header increment() {
  return test::ltx_header(Variant::kV3Block, 4096, 10, 5, 7, kSum);
}

// The offset of the field a header is refused for.
std::uint64_t blamed(const Header& h) {
  const Status s = ltx::validate(h);
  REQUIRE_FALSE(s);
  CHECK(s.error().code == Errc::kCorrupt);
  return s.error().offset.value();
}

}  // namespace

TEST_CASE("variant: names both ways") {
  for (const Variant v : ltx::kAllVariants) {
    const auto parsed = ltx::parse_variant(ltx::variant_name(v));
    REQUIRE(parsed);
    CHECK(*parsed == v);
  }
  const auto unknown = ltx::parse_variant("v4");
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == Errc::kUsage);
}

TEST_CASE("header: what is encoded is decoded") {
  for (const Variant v : ltx::kWritableVariants) {
    Header h = increment();
    h.variant = v;
    h.flags = v == Variant::kV1Lz4 ? ltx::kFlagLz4Block : 0;
    h.timestamp_ms = 1'700'000'000'123;
    h.wal_offset = 32;
    h.wal_size = 4120;
    h.wal_salt1 = 1;
    h.wal_salt2 = 0xffffffff;
    h.node_id = 0xAABBCCDDEEFF0011;
    const auto read = ltx::decode_header(v, ltx::encode_header(h));
    REQUIRE(read);
    CHECK(read->page_size == h.page_size);
    CHECK(read->commit == h.commit);
    CHECK(read->min_txid == h.min_txid);
    CHECK(read->max_txid == h.max_txid);
    CHECK(read->timestamp_ms == h.timestamp_ms);
    CHECK(read->pre_apply == h.pre_apply);
    CHECK(read->wal_offset == h.wal_offset);
    CHECK(read->wal_size == h.wal_size);
    CHECK(read->wal_salt1 == h.wal_salt1);
    CHECK(read->wal_salt2 == h.wal_salt2);
    CHECK(read->node_id == h.node_id);
  }
}

TEST_CASE("header: rules, each with the offset of its field") {
  CHECK(ltx::validate(snapshot()));
  CHECK(ltx::validate(increment()));
  const auto with = [](Header h, auto change) {
    change(h);
    return blamed(h);
  };
  CHECK(with(snapshot(), [](Header& h) { h.flags = 1; }) == 4);
  CHECK(with(snapshot(), [](Header& h) { h.flags = 4; }) == 4);
  CHECK(with(snapshot(), [](Header& h) { h.variant = Variant::kV1Lz4; }) == 4);
  CHECK(with(snapshot(), [](Header& h) { h.page_size = 0; }) == 8);
  CHECK(with(snapshot(), [](Header& h) { h.page_size = 256; }) == 8);
  CHECK(with(snapshot(), [](Header& h) { h.page_size = 4097; }) == 8);
  CHECK(with(snapshot(), [](Header& h) { h.page_size = 131072; }) == 8);
  CHECK(with(snapshot(), [](Header& h) { h.min_txid = {}; }) == 16);
  CHECK(with(increment(), [](Header& h) { h.max_txid = Txid{4}; }) == 24);
  CHECK(with(snapshot(), [](Header& h) { h.pre_apply = kSum; }) == 40);
  CHECK(with(increment(), [](Header& h) { h.pre_apply = {}; }) == 40);
  CHECK(with(increment(), [](Header& h) { h.pre_apply = Checksum{2}; }) == 40);
  CHECK(with(increment(), [](Header& h) { h.flags = ltx::kFlagNoChecksum; }) == 40);
  CHECK(with(increment(), [](Header& h) { h.wal_offset = -1; }) == 48);
  CHECK(with(increment(), [](Header& h) { h.wal_size = -1; }) == 56);
  CHECK(with(increment(), [](Header& h) { h.wal_size = 24; }) == 56);
  CHECK(with(increment(), [](Header& h) { h.wal_salt1 = 1; }) == 64);
  CHECK(with(increment(), [](Header& h) { h.wal_salt2 = 1; }) == 64);
  Header old = snapshot();
  old.variant = Variant::kV020;
  CHECK(blamed(old) == 16);
  old.dbid = 1;
  CHECK(ltx::validate(old));
  old.commit = 0;
  CHECK(blamed(old) == 12);
  Header salted = increment();
  salted.wal_offset = 32;
  salted.wal_salt1 = 1;
  CHECK(ltx::validate(salted));  // size 0 beside an offset: legal since 0.3.15
}

TEST_CASE("header: reserved bytes, magic and length") {
  ltx::HeaderBytes b = ltx::encode_header(snapshot());
  CHECK(ltx::decode_header(Variant::kV3Block, b));
  for (std::size_t i = 80; i < 100; ++i) {
    b[i] = std::byte{1};
    const auto read = ltx::decode_header(Variant::kV3Block, b);
    REQUIRE_FALSE(read);
    CHECK(read.error().offset == i);
    b[i] = std::byte{0};
  }
  const auto cut = ltx::decode_header(Variant::kV3Block, Bytes(b).first(99));
  REQUIRE_FALSE(cut);
  CHECK(cut.error().offset == 99);
  b[3] = std::byte{'4'};
  CHECK(ltx::decode_header(Variant::kV3Block, b).error().code == Errc::kUnsupported);
  b[3] = std::byte{'9'};
  CHECK(ltx::decode_header(Variant::kV3Block, b).error().code == Errc::kCorrupt);
}

TEST_CASE("header: seconds of old raw files become milliseconds") {
  Header h = snapshot();
  h.variant = Variant::kV1Raw;
  h.timestamp_ms = 1'700'000'000;
  const auto old = ltx::decode_header(Variant::kV1Raw, ltx::encode_header(h));
  REQUIRE(old);
  CHECK(old->timestamp_ms == 1'700'000'000'000);
  CHECK(old->timestamp_stored == 1'700'000'000);
  const auto modern = ltx::decode_header(Variant::kV3Block, ltx::encode_header(h));
  REQUIRE(modern);
  CHECK(modern->timestamp_ms == 1'700'000'000);
}

TEST_CASE("trailer: rules") {
  const Checksum file = kSum;
  const auto ok = [&](const Header& h, Checksum post) {
    return ltx::validate(ltx::Trailer{post, file}, h).ok();
  };
  CHECK(ok(snapshot(), kSum));
  CHECK_FALSE(ok(snapshot(), {}));
  CHECK_FALSE(ok(snapshot(), Checksum{2}));
  Header h = snapshot();
  h.commit = 0;
  CHECK(ok(h, kEmptyDatabase));
  CHECK_FALSE(ok(h, kSum));
  h.flags = ltx::kFlagNoChecksum;
  CHECK(ok(h, {}));
  CHECK_FALSE(ok(h, kEmptyDatabase));
  CHECK_FALSE(ltx::validate(ltx::Trailer{kSum, {}}, snapshot()));
  CHECK_FALSE(ltx::validate(ltx::Trailer{kSum, Checksum{2}}, snapshot()));
}

TEST_CASE("file name: both ways, and nothing else") {
  const ltx::TxidRange range{Txid{1}, Txid{0xabc}};
  CHECK(ltx::file_name(range) == "0000000000000001-0000000000000abc.ltx");
  const auto parsed = ltx::parse_file_name("0000000000000001-0000000000000abc.ltx");
  REQUIRE(parsed);
  CHECK(*parsed == range);
  for (const char* bad :
       {"", "x", "0000000000000001-0000000000000ABC.ltx",
        "0000000000000001-0000000000000abc.ltx.tmp", "0000000000000001_0000000000000abc.ltx",
        "0000000000000000-0000000000000abc.ltx", "0000000000000002-0000000000000001.ltx",
        "000000000000000g-0000000000000001.ltx", "0000000000000001-0000000000000abc.LTX",
        "000000000000001-0000000000000abc.ltx"}) {
    CHECK_FALSE(ltx::parse_file_name(bad));
  }
}

TEST_CASE("page order: a snapshot steps over the lock page") {
  const Pgno lock = lock_page(65536);
  for (const bool tolerant : {false, true}) {
    for (const Pgno commit : {lock - 1, lock, lock + 1}) {
      ltx::PageOrder order(test::ltx_header(Variant::kV3Block, 65536, commit, 1, 1), tolerant);
      for (Pgno pgno = 1; pgno <= commit; ++pgno) {
        if (pgno != lock) REQUIRE(order.add(pgno));
      }
      CHECK(order.finish());
      CHECK_FALSE(order.has_lock_page());
    }
  }
  const auto h = test::ltx_header(Variant::kV3Block, 65536, lock + 1, 1, 1);
  ltx::PageOrder strict(h, false);
  ltx::PageOrder tolerant(h, true);
  for (Pgno pgno = 1; pgno < lock; ++pgno) {
    REQUIRE(strict.add(pgno));
    REQUIRE(tolerant.add(pgno));
  }
  CHECK_FALSE(strict.add(lock));
  CHECK_FALSE(strict.finish());
  CHECK(tolerant.add(lock));
  CHECK(tolerant.has_lock_page());
  CHECK_FALSE(tolerant.finish());
  CHECK(tolerant.add(lock + 1));
  CHECK(tolerant.finish());
}

TEST_CASE("page order: the largest commit of some bytes is none that a file is refused for") {
  for (const ltx::Variant variant : ltx::kWritableVariants) {
    for (const std::uint32_t page_size : {kMinPageSize, kMaxPageSize}) {
      test::Pages zeros;  // nothing is smaller
      for (Pgno pgno = 1; pgno <= 200; ++pgno) zeros[pgno] = test::filled_page(page_size, 0);
      const auto h = test::ltx_header(variant, page_size, 200, 1, 1);
      const Buffer file = test::make_ltx(h, zeros);
      INFO(ltx::variant_name(variant) << ", " << file.size() << " bytes");
      CHECK(ltx::check_commit(h, file.size()));
      CHECK(h.commit < ltx::largest_commit(file.size(), page_size));
    }
  }
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  CHECK(ltx::largest_commit(kMost, 65536) > std::numeric_limits<Pgno>::max());
  CHECK(ltx::largest_commit(512, 512) == 256);
  CHECK_FALSE(ltx::check_commit(test::ltx_header(Variant::kV3Block, 512, 257, 1, 1), 512));
}

TEST_CASE("page order: ascending, within commit, snapshots without holes") {
  ltx::PageOrder order(increment(), false);
  CHECK_FALSE(order.add(0));
  CHECK(order.add(3));
  CHECK_FALSE(order.add(3));
  CHECK_FALSE(order.add(2));
  CHECK(order.add(10));
  CHECK_FALSE(order.add(11));
  CHECK(order.finish());
  ltx::PageOrder first(snapshot(), false);
  CHECK_FALSE(first.add(2));
  CHECK(first.add(1));
  CHECK_FALSE(first.add(3));
  CHECK(first.add(2));
  CHECK_FALSE(first.finish());
}

}  // namespace litetool
