#include "core/ltx/compact.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "core/ltx/frame_merge.h"
#include "tests/support/fault_env.h"
#include "tests/support/ltx_images.h"
#include "tests/support/temp_dir.h"

namespace litetool {
namespace {

using ltx::Variant;
using test::database_checksum;
using test::filled_page;
using test::ltx_header;
using test::make_ltx;
using test::Pages;

constexpr Checksum sum(std::uint64_t low) {
  return Checksum{Checksum::kFlag | low};
}

// Files in a folder of their own, and what compact() makes of them.
struct Folder {
  test::TempDir dir;
  std::vector<std::string> paths;
  Job job{posix_env(), 2};

  void add(Bytes image) {
    paths.push_back(dir.file("in" + std::to_string(paths.size()) + ".ltx"));
    test::write_file(paths.back(), image);
  }
  std::string out() const { return dir.file("out.ltx"); }
  Result<CompactReport> compact(CompactOptions options = {}) {
    auto images = find_images(job, paths);
    if (!images) return images.error();
    // Times as small as those of the vectors are taken for seconds of old files.
    for (ImageRef& r : *images) r.header.timestamp_ms = r.header.timestamp_stored;
    options.replace = true;
    return litetool::compact(job, *images, out(), options);
  }
  test::ReadLtx result() const {
    auto read = test::read_ltx(test::read_file(out()));
    if (!read) FAIL(read.error().text());
    return *read;
  }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(dir.path()),
                                                  std::filesystem::directory_iterator()));
  }
};

CompactOptions raw() {
  CompactOptions o;
  o.rules.variant = Variant::kV1Raw;
  o.rules.check_links = false;
  return o;
}

Buffer raw_1024(std::uint64_t min, std::uint64_t max, Pgno commit, std::int64_t ts, Checksum pre,
                std::initializer_list<std::pair<Pgno, unsigned>> pages, Checksum post) {
  Pages p;
  for (const auto& [pgno, value] : pages) p[pgno] = filled_page(1024, value);
  return make_ltx(ltx_header(Variant::kV1Raw, 1024, commit, min, max, pre, ts), p, post);
}

}  // namespace

TEST_CASE("compact: a snapshot and a transaction become a snapshot") {
  Folder f;
  const Checksum both{0x8a249272ad9f7dea};
  f.add(raw_1024(1, 1, 3, 1000, {}, {{1, 0x81}, {2, 0x82}, {3, 0x83}}, both));
  f.add(raw_1024(2, 2, 3, 2000, both, {{1, 0x91}, {3, 0x93}}, both));
  const auto report = f.compact(raw());
  REQUIRE(report);
  CHECK(report->trailer.file_checksum.text() == "caf341fe1e6cddfb");
  CHECK(report->frames_read == 5);
  CHECK(f.result().pages[3] == filled_page(1024, 0x93));
}

TEST_CASE("compact: transactions become one, header fields from first and last") {
  Folder f;
  f.add(raw_1024(6, 9, 5, 3000, sum(6), {{2, 0xa2}, {3, 0xa3}, {5, 0xa5}}, sum(9)));
  f.add(raw_1024(2, 3, 3, 1000, sum(2), {{3, 0x83}}, sum(3)));
  f.add(raw_1024(4, 5, 3, 2000, sum(4), {{1, 0x91}}, sum(5)));
  const auto report = f.compact(raw());
  REQUIRE(report);
  CHECK(report->trailer.file_checksum.text() == "ead633959f3c67a8");
  CompactOptions strict = raw();
  strict.rules.check_links = true;
  const auto refused = f.compact(strict);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::kBrokenChain);
}

TEST_CASE("compact: pages beyond the final size are left out") {
  Folder f;
  f.add(raw_1024(2, 3, 3, 1000, sum(2), {{3, 0x83}}, sum(3)));
  f.add(raw_1024(4, 5, 2, 2000, sum(4), {{1, 0x91}}, sum(5)));
  const auto report = f.compact(raw());
  REQUIRE(report);
  CHECK(report->trailer.file_checksum.text() == "f688132c3904f118");
}

TEST_CASE("compact: a page that was cut off and is back without its bytes is refused") {
  Folder f;
  f.add(raw_1024(2, 3, 3, 1000, sum(2), {{3, 0x83}}, sum(3)));
  f.add(raw_1024(4, 5, 2, 2000, sum(3), {{1, 0x91}}, sum(5)));
  f.add(raw_1024(6, 6, 3, 2000, sum(5), {{2, 0x91}}, sum(6)));
  const auto report = f.compact();
  REQUIRE_FALSE(report);
  CHECK(report.error().code == Errc::kBrokenChain);
  CHECK(report.error().message.find("page 3 is missing") != std::string::npos);
}

TEST_CASE("compact: golden files of two releases") {
  for (const auto& [variant, checksum] :
       {std::pair{Variant::kV1Raw, "d6862eea08c423b9"}, {Variant::kV1Lz4, "a39db7496375e578"}}) {
    Folder f;
    f.add(test::golden_file("ltx/v0.3.14-raw-snap.ltx"));
    f.add(test::golden_file("ltx/v0.3.14-lz4-incr.ltx"));
    CompactOptions o;
    o.rules.variant = variant;
    const auto report = f.compact(o);
    if (!report) FAIL(report.error().text());
    CHECK(report->trailer.file_checksum.text() == checksum);
  }
}

TEST_CASE("compact: the sequence of a backup client") {
  Folder f;
  const auto one = [](std::uint64_t min, std::uint64_t max, Pgno commit, Checksum pre, Pgno pgno,
                      unsigned value, Checksum post) {
    return make_ltx(ltx_header(Variant::kV1Lz4, 512, commit, min, max, pre),
                    {{pgno, filled_page(512, value)}}, post);
  };
  const Checksum a{0xe4e4aaa102377eee}, b{0x99b1d11ab98cc555}, c{0x8b87423eeeeeeeee};
  f.add(one(1, 1, 1, {}, 1, 1, a));
  f.add(one(2, 2, 2, a, 2, 2, b));
  f.add(one(3, 4, 2, b, 1, 3, c));
  CompactOptions o;
  o.rules.variant = Variant::kV1Lz4;
  const auto report = f.compact(o);
  if (!report) FAIL(report.error().text());
  CHECK(report->trailer.file_checksum.text() == "b8e6a652b0ec8453");
}

TEST_CASE("compact: gaps only with the switch, page sizes never") {
  Folder f;
  f.add(raw_1024(1, 2, 1, 0, {}, {{1, 0x81}}, Checksum{0xeb953fc47685d740}));
  f.add(
      raw_1024(4, 4, 1, 0, sum(4), {{1, 0x91}}, database_checksum({{1, filled_page(1024, 0x91)}})));
  const auto gap = f.compact(raw());
  REQUIRE_FALSE(gap);
  CHECK(gap.error().code == Errc::kBrokenChain);
  CompactOptions allowed = raw();
  allowed.rules.allow_gaps = true;
  CHECK(f.compact(allowed));

  Folder sizes;
  sizes.add(raw_1024(1, 1, 1, 0, {}, {{1, 0x81}}, Checksum{0xeb953fc47685d740}));
  sizes.add(make_ltx(ltx_header(Variant::kV1Raw, 512, 1, 2, 2, Checksum{0xeb953fc47685d740}),
                     {{1, filled_page(512, 1)}}, sum(1)));
  const auto mixed = sizes.compact(allowed);
  REQUIRE_FALSE(mixed);
  CHECK(mixed.error().code == Errc::kUnsupported);
}

TEST_CASE("compact: any variants in, each variant out, the same database") {
  for (const Variant to : ltx::kWritableVariants) {
    Folder f;
    Checksum post;
    Pages database;
    std::uint64_t txid = 1;
    for (const Variant from : ltx::kWritableVariants) {
      Pages changed;
      const Pgno commit = 20 + static_cast<Pgno>(txid);
      for (Pgno p = 1; p <= commit; ++p) {
        if (txid == 1 || p % 3 == txid % 3 || p == commit) {
          changed[p] = test::mixed_page(4096, txid * 1000 + p);
        }
      }
      for (const auto& [pgno, page] : changed) database[pgno] = page;
      const Checksum pre = post;
      post = database_checksum(database);
      f.add(make_ltx(ltx_header(from, 4096, commit, txid, txid, pre, 5), changed, post));
      ++txid;
    }
    CompactOptions o;
    o.rules.variant = to;
    const auto report = f.compact(o);
    if (!report) FAIL(report.error().text());
    const auto read = f.result();
    CHECK(read.header.variant == to);
    CHECK(read.pages == database);
    CHECK(read.tail.trailer.post_apply == post);
  }
}

TEST_CASE("compact: more files than are merged at once, in rounds without leftovers") {
  Folder f;
  test::LtxChain chain(512);
  f.add(chain.commit({{1, filled_page(512, 1)}, {2, filled_page(512, 2)}}));
  const std::size_t count = 2 * kMaxMergeInputs + 10;
  for (unsigned i = 1; i < count; ++i) f.add(chain.commit({{1 + i % 9, filled_page(512, i)}}, 10));
  // The growth to ten pages brings them one by one; complete the first of those files.
  Folder whole;
  test::LtxChain good(512);
  whole.add(good.commit({{1, filled_page(512, 1)}, {2, filled_page(512, 2)}}));
  for (unsigned i = 1; i < count; ++i) whole.add(good.commit({{1 + i % 2, filled_page(512, i)}}));
  const auto report = whole.compact();
  if (!report) FAIL(report.error().text());
  CHECK(report->inputs == count);
  CHECK(whole.result().pages == good.database());
  CHECK(whole.files() == count + 1);
  // A chain that grows over pages no file holds is refused in any round.
  CHECK_FALSE(f.compact());
  CHECK(f.files() == count);
}

TEST_CASE("compact: thousands of images, in rounds upon rounds") {
  test::TempDir dir;
  test::LtxChain chain(512);
  Buffer segment;
  constexpr std::size_t kCount = kMaxMergeInputs * kMaxMergeInputs + 2500;
  for (unsigned i = 0; i < kCount; ++i) {
    test::Pages pages{{1 + i % 7, filled_page(512, i)}};
    for (Pgno pgno = 1; i == 0 && pgno <= 7; ++pgno) pages[pgno] = filled_page(512, pgno);
    const Buffer image = chain.commit(pages, 7);
    segment.insert(segment.end(), image.begin(), image.end());
  }
  test::write_file(dir.file("all.ltxs"), segment);
  const Job job{posix_env(), 2};
  const auto images = find_images(job, {dir.file("all.ltxs")});
  REQUIRE(images);
  const auto report = litetool::compact(job, *images, dir.file("out.ltx"), {});
  if (!report) FAIL(report.error().text());
  CHECK(report->inputs == kCount);
  const auto read = test::read_ltx(test::read_file(dir.file("out.ltx")));
  REQUIRE(read);
  CHECK(read->pages == chain.database());
  CHECK(read->header.max_txid.value == kCount);
  CHECK(std::distance(std::filesystem::directory_iterator(dir.path()),
                      std::filesystem::directory_iterator()) == 2);
}

TEST_CASE("compact: damage anywhere in any input leaves no output") {
  Folder f;
  test::LtxChain chain(512);
  const Buffer first = chain.commit({{1, test::mixed_page(512, 1)}, {2, test::mixed_page(512, 2)}});
  // Page 2 is superseded in the first file: damage to it must be seen all the same.
  const Buffer second = chain.commit({{2, test::mixed_page(512, 3)}});
  f.add(first);
  f.add(second);
  for (std::size_t which = 0; which < 2; ++which) {
    const Buffer& good = which == 0 ? first : second;
    for (std::size_t i = 0; i < good.size(); i += 3) {
      Buffer bad = good;
      bad[i] ^= std::byte{1} << (i % 8);
      test::write_file(f.paths[which], bad);
      INFO("file " << which << " offset " << i);
      const auto report = f.compact();
      if (report) {
        CHECK(f.result().pages == chain.database());  // a flip that changes no content
        std::filesystem::remove(f.out());
        continue;
      }
      CHECK(f.files() == 2);
    }
    for (std::size_t n = 0; n < good.size(); n += 5) {
      test::write_file(f.paths[which], Bytes(good).first(n));
      INFO("file " << which << " cut to " << n);
      const auto report = f.compact();
      REQUIRE_FALSE(report);
      CHECK(f.files() == 2);
    }
    test::write_file(f.paths[which], good);
  }
  CHECK(f.compact());
}

TEST_CASE("compact: a full disk leaves the old output and nothing else") {
  Folder f;
  test::LtxChain chain(512);
  f.add(chain.commit({{1, filled_page(512, 1)}}));
  f.add(chain.commit({{1, filled_page(512, 2)}}));
  test::write_file(f.out(), as_bytes("old"));
  const auto images = find_images(f.job, f.paths);
  REQUIRE(images);
  CompactOptions o;
  o.replace = true;
  bool done = false;
  for (std::uint64_t k = 1; !done; ++k) {
    test::FaultEnv env(posix_env(), k, test::FaultEnv::Fault::kDiskFull);
    const auto report = compact(Job{env, 1}, *images, f.out(), o);
    done = env.effects() < k;
    CHECK(report.ok() == done);
    CHECK(f.files() == 3);
    if (!report) CHECK(report.error().code == Errc::kDiskFull);
    // The rename is the point of no return; only the sync of the directory comes after it.
    if (!report && env.effects() < 4) CHECK(test::read_file(f.out()).size() == 3);
  }
}

}  // namespace litetool
