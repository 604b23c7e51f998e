#include "core/restore/restore.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <random>

#include "core/ltx/compact.h"
#include "core/source/ltx_files.h"
#include "core/source/newest_pages.h"
#include "tests/support/fault_env.h"
#include "tests/support/ltx_images.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unsynced_env.h"

namespace litetool {
namespace {

using ltx::Variant;
using test::FaultEnv;
using test::filled_page;
using test::Lost;
using test::mixed_page;
using test::Pages;
using test::UnsyncedEnv;

constexpr std::uint32_t kPageSize = 512;

Buffer flat(const Pages& database) {
  Buffer all;
  for (const auto& [pgno, page] : database) all.insert(all.end(), page.begin(), page.end());
  return all;
}

// A folder of LTX files, and the truth about every transaction in them.
struct Folder {
  test::TempDir dir;
  Job job{posix_env(), 2};
  std::vector<std::string> paths;
  std::map<std::uint64_t, Buffer> truth;

  Folder() { std::filesystem::create_directory(dir.file("ltx")); }

  void add(std::uint64_t min, std::uint64_t max, Bytes image) {
    paths.push_back(dir.file("ltx/" + ltx::file_name({Txid{min}, Txid{max}})));
    test::write_file(paths.back(), image);
  }
  // Transactions of a database that grows, shrinks and grows again.
  void fill(std::uint64_t count, Variant variant, unsigned seed) {
    test::LtxChain chain(kPageSize, variant);
    std::mt19937 random(seed);
    for (std::uint64_t txid = 1; txid <= count; ++txid) {
      add(txid, txid, chain.commit_at_random(random));
      truth[txid] = flat(chain.database());
    }
  }
  // Adds [from, to] as one file, like a level of compaction.
  void compact_range(std::uint64_t from, std::uint64_t to, CompactOptions options = {}) {
    std::vector<std::string> in;
    for (std::uint64_t t = from; t <= to; ++t) in.push_back(paths.at(t - 1));
    auto images = find_images(job, in);
    REQUIRE(images);
    const std::string out = dir.file("ltx/" + ltx::file_name({Txid{from}, Txid{to}}));
    const auto report = compact(job, *images, out, options);
    if (!report) FAIL(report.error().text());
  }
  void remove(std::uint64_t txid) { std::filesystem::remove(paths.at(txid - 1)); }

  std::unique_ptr<HistorySource> open() const {
    auto source = open_ltx_files(job, {dir.file("ltx")});
    if (!source) FAIL(source.error().text());
    return *std::move(source);
  }
  // In memory.
  Result<Buffer> pages_at(const HistorySource& source, Txid txid) const {
    LT_ASSIGN(const RestorePlan plan, plan_restore(source, {{txid}}));
    Buffer out(plan.size_bytes());
    LT_ASSIGN(const NewestPages read,
              read_newest_pages(job, *plan.chain, [&](Pgno first, Bytes pages) -> Status {
                std::ranges::copy(pages, out.begin() + std::ptrdiff_t{first - 1} * kPageSize);
                return {};
              }));
    const Checksum promised = plan.chain->last().trailer.post_apply;
    if (promised.present()) CHECK(read.checksum == promised);
    return out;
  }
  // By way of a file.
  Result<Buffer> restore(Txid txid, Env* env = nullptr) const {
    const Job with{env == nullptr ? posix_env() : *env, 2};
    LT_ASSIGN(const auto source, open_ltx_files(with, {dir.file("ltx")}));
    LT_ASSIGN(const RestorePlan plan, plan_restore(*source, {{txid}}));
    LT_TRY(restore_database(with, plan, dir.file("out.db"), {RestoreCheck::kNone, true}));
    return test::read_file(dir.file("out.db"));
  }
  std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(dir.path()),
                                                  std::filesystem::directory_iterator()));
  }
};

void check_all(const Folder& f, const HistorySource& source) {
  const auto moments = source.moments();
  REQUIRE(moments);
  for (const Moment& moment : *moments) {
    INFO(moment.txid.text());
    const auto restored = f.pages_at(source, moment.txid);
    if (!restored) FAIL(restored.error().text());
    CHECK(*restored == f.truth.at(moment.txid.value));
  }
}

Errc code_of(const Result<Buffer>& restored) {
  REQUIRE(!restored);
  return restored.error().code;
}

}  // namespace

TEST_CASE("restore: every transaction of every variant") {
  unsigned seed = 1;
  for (const Variant variant : ltx::kWritableVariants) {
    INFO(ltx::variant_name(variant));
    Folder f;
    f.fill(25, variant, seed++);
    const auto source = f.open();
    CHECK(source->moments()->size() == 25);
    CHECK(!source->hole());
    check_all(f, *source);
  }
}

TEST_CASE("restore: levels that overlap, with and without checksums") {
  for (const bool checksums : {true, false}) {
    Folder f;
    f.fill(30, Variant::kV3Frame, 77);
    CompactOptions options;
    options.rules.drop_checksums = !checksums;
    f.compact_range(1, 10, options);
    f.compact_range(8, 15, options);
    f.compact_range(11, 14, options);
    f.compact_range(16, 22, options);
    for (const std::uint64_t gone : {1, 2, 3, 9, 12, 16, 17, 18}) f.remove(gone);
    const auto source = f.open();
    std::vector<std::uint64_t> points;
    const auto moments = source->moments();
    REQUIRE(moments);
    for (const Moment& m : *moments) points.push_back(m.txid.value);
    CHECK(points == std::vector<std::uint64_t>{10, 11, 14, 15, 22, 23, 24, 25, 26, 27, 28, 29, 30});
    check_all(f, *source);
  }
}

TEST_CASE("restore: what lies behind a hole is not passed over in silence") {
  Folder f;
  f.fill(6, Variant::kV3Block, 3);
  f.remove(4);
  const auto source = f.open();
  const TimeZone utc([](std::int64_t) { return 0; });
  const Now now{2'000'000'000'000, utc};
  CHECK(source->moments()->size() == 3);
  REQUIRE(source->hole());
  const auto resolve = [&](const Point& point) { return source->find(point, now); };
  const auto latest = resolve({});
  REQUIRE(!latest);
  CHECK(latest.error().code == Errc::kBrokenChain);
  CHECK(latest.error().message.find("use --at 0000000000000003") != std::string::npos);
  CHECK(!resolve({Point::Kind::kTime, 0, {}, 1'900'000'000'000}));
  CHECK(resolve({Point::Kind::kTxid, 0, Txid{3}, 0}));
  CHECK(resolve({Point::Kind::kTime, 0, {}, (*source->moments())[1].time_ms})->moment.txid ==
        Txid{2});
}

TEST_CASE("restore: no snapshot, nothing to restore") {
  Folder f;
  f.fill(2, Variant::kV3Block, 3);
  f.remove(1);
  const auto source = f.open();
  CHECK(source->moments()->empty());
  REQUIRE(source->hole());
  CHECK(source->hole()->code == Errc::kBrokenChain);
}

TEST_CASE("restore: a page that was cut off is not taken from before") {
  Folder f;
  const auto header = [](std::uint64_t txid, Pgno commit) {
    ltx::Header h = test::ltx_header(Variant::kV3Block, kPageSize, commit, txid, txid);
    h.flags = ltx::kFlagNoChecksum;
    return h;
  };
  const Buffer page = filled_page(kPageSize, 1);
  f.add(1, 1, test::make_ltx(header(1, 3), {{1, page}, {2, page}, {3, page}}));
  f.add(2, 2, test::make_ltx(header(2, 2), {{1, page}}));
  f.add(3, 3, test::make_ltx(header(3, 3), {{2, page}}));
  CHECK(f.restore(Txid{2}));
  const auto restored = f.restore(Txid{3});
  CHECK(code_of(restored) == Errc::kBrokenChain);
  CHECK(f.entries() == 2);  // the folder and out.db of before: no temporary file
  CHECK(restored.error().message.find("page 3 is the first") != std::string::npos);
}

TEST_CASE("restore: a database that was dropped says so") {
  Folder f;
  test::LtxChain chain(kPageSize);
  f.add(1, 1, chain.commit({{1, filled_page(kPageSize, 1)}}));
  f.add(2, 2, chain.drop());
  CHECK(f.restore(Txid{1}));
  CHECK(code_of(f.restore(Txid{2})) == Errc::kNotFound);
}

TEST_CASE("restore: no flipped bit gives a wrong database") {
  for (const bool checksums : {true, false}) {
    Folder f;
    f.fill(2, Variant::kV3Block, 5);
    if (!checksums) {
      CompactOptions options;
      options.rules.drop_checksums = true;
      options.replace = true;
      f.compact_range(1, 1, options);
      f.compact_range(2, 2, options);
    }
    std::size_t refused = 0;
    for (const std::string& path : f.paths) {
      const Buffer good = test::read_file(path);
      for (std::size_t at = 0; at < good.size(); at += 7) {
        Buffer bad = good;
        bad[at] ^= std::byte{0x10};
        test::write_file(path, bad);
        const auto source = open_ltx_files(f.job, {f.dir.file("ltx")});
        const auto restored =
            source ? f.pages_at(**source, Txid{2}) : Result<Buffer>(source.error());
        if (restored) CHECK(*restored == f.truth.at(2));
        if (!restored) ++refused;
      }
      test::write_file(path, good);
    }
    CHECK(refused > 0);
  }
}

TEST_CASE("restore: a full disk leaves the old output, and nothing beside it") {
  Folder f;
  f.fill(6, Variant::kV3Block, 9);
  const Buffer old = filled_page(kPageSize, 7);
  test::write_file(f.dir.file("out.db"), old);
  FaultEnv counting(posix_env(), 0, FaultEnv::Fault::kDiskFull);
  REQUIRE(f.restore(Txid{6}, &counting));
  REQUIRE(counting.effects() > 3);
  for (std::uint64_t k = 1; k <= counting.effects(); ++k) {
    INFO("effect " << k);
    test::write_file(f.dir.file("out.db"), old);
    FaultEnv faulty(posix_env(), k, FaultEnv::Fault::kDiskFull);
    const auto restored = f.restore(Txid{6}, &faulty);
    const Buffer out = test::read_file(f.dir.file("out.db"));
    CHECK((out == old || out == f.truth.at(6)));
    if (restored) CHECK(out == f.truth.at(6));
    CHECK(f.entries() == 2);
  }
}

TEST_CASE("restore: a power cut at any effect leaves the old output or the new", "[crash]") {
  const Lost lost = GENERATE(Lost::kNothing, Lost::kData, Lost::kNames, Lost::kAll);
  Folder f;
  f.fill(6, Variant::kV3Block, 9);
  std::filesystem::create_directory(f.dir.file("attic"));
  const Buffer old = filled_page(kPageSize, 7);
  bool done = false;
  for (std::uint64_t k = 1; !done; ++k) {
    INFO("effect " << k);
    for (const auto& entry : std::filesystem::directory_iterator(f.dir.path())) {
      if (entry.is_regular_file()) std::filesystem::remove(entry);
    }
    test::write_file(f.dir.file("out.db"), old);
    UnsyncedEnv disk(posix_env(), f.dir.file("attic"));
    FaultEnv faulty(disk, k, FaultEnv::Fault::kDead);
    const auto restored = f.restore(Txid{6}, &faulty);
    done = faulty.effects() < k;
    CHECK(restored.ok() == done);
    disk.cut(lost);
    const Buffer out = test::read_file(f.dir.file("out.db"));
    CHECK((out == f.truth.at(6) || (out == old && !done)));
  }
}

TEST_CASE("restore: a log of an earlier database is not played into the new one") {
  Folder f;
  f.fill(1, Variant::kV3Block, 9);
  test::write_file(f.dir.file("out.db-wal"), filled_page(kPageSize, 7));
  CHECK(code_of(f.restore(Txid{1})) == Errc::kFailed);
  CHECK(!std::filesystem::exists(f.dir.file("out.db")));
}

}  // namespace litetool
