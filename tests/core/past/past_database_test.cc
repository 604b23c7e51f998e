#include "core/past/past_database.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <random>

#include "core/ltx/compact.h"
#include "core/past/changed_pages.h"
#include "core/source/ltx_files.h"
#include "tests/support/ltx_images.h"
#include "tests/support/temp_dir.h"

namespace litetool {
namespace {

using ltx::Variant;
using test::mixed_page;
using test::Pages;

constexpr std::uint32_t kPageSize = 512;

// A folder of LTX files of a database that grows and shrinks, and the truth about each transaction.
struct Folder {
  test::TempDir dir;
  Job job{posix_env(), 1};
  std::vector<std::string> paths;
  std::map<std::uint64_t, Pages> truth;

  Folder(std::uint64_t count, Variant variant, unsigned seed) {
    test::LtxChain chain(kPageSize, variant);
    std::mt19937 random(seed);
    for (std::uint64_t txid = 1; txid <= count; ++txid) {
      paths.push_back(dir.file(ltx::file_name({Txid{txid}, Txid{txid}})));
      test::write_file(paths.back(), chain.commit_at_random(random));
      truth[txid] = chain.database();
    }
  }

  void compact_range(std::uint64_t from, std::uint64_t to) {
    std::vector<std::string> in;
    for (std::uint64_t t = from; t <= to; ++t) in.push_back(paths.at(t - 1));
    const auto images = find_images(job, in);
    REQUIRE(images);
    const auto report = compact(job, *images, dir.file(ltx::file_name({Txid{from}, Txid{to}})), {});
    if (!report) FAIL(report.error().text());
  }

  Result<std::unique_ptr<PastDatabase>> open(Txid txid) const {
    LT_ASSIGN(const auto source, open_ltx_files(job, {dir.path()}));
    LT_ASSIGN(auto chain, source->chain_to({{txid}}));
    return std::make_unique<PastDatabase>(job, std::move(chain), dir.path());
  }
};

void check_pages(PastDatabase& past, const Pages& truth, unsigned seed) {
  REQUIRE(past.page_count() == truth.size());
  std::vector<Pgno> order;
  for (const auto& [pgno, page] : truth) order.push_back(pgno);
  std::ranges::shuffle(order, std::mt19937(seed));
  for (const Pgno pgno : order) {
    const auto page = past.page(pgno);
    if (!page) FAIL(page.error().text());
    CHECK(std::ranges::equal(*page, truth.at(pgno)));
  }
}

}  // namespace

TEST_CASE("past database: each page of each transaction of every variant") {
  unsigned seed = 1;
  for (const Variant variant : ltx::kWritableVariants) {
    INFO(ltx::variant_name(variant));
    const Folder f(12, variant, seed++);
    for (const auto& [txid, pages] : f.truth) {
      const auto past = f.open(Txid{txid});
      REQUIRE(past);
      check_pages(**past, pages, seed++);
    }
  }
}

TEST_CASE("past database: levels that overlap") {
  Folder f(20, Variant::kV3Block, 5);
  f.compact_range(1, 8);
  f.compact_range(6, 12);
  f.compact_range(9, 11);
  for (const std::uint64_t txid : {8u, 11u, 12u, 15u, 20u}) {
    const auto past = f.open(Txid{txid});
    REQUIRE(past);
    check_pages(**past, f.truth.at(txid), 3);
  }
}

TEST_CASE("past database: the pages written since") {
  const Folder f(10, Variant::kV3Block, 8);
  const auto past = f.open(Txid{10});
  REQUIRE(past);
  const auto since = (*past)->pages_since(Txid{6});
  REQUIRE(since);
  CHECK(std::ranges::is_sorted(*since));
  for (const auto& [pgno, page] : f.truth.at(10)) {
    const Pages& before = f.truth.at(6);
    const bool same = before.count(pgno) != 0 && before.at(pgno) == page;
    if (!same) CHECK(std::ranges::count(*since, pgno) == 1);
  }
  CHECK((*past)->pages_since(Txid{0})->size() == (*past)->page_count());
}

TEST_CASE("past database: two states differ in the pages that differ") {
  for (const Variant variant : {Variant::kV1Lz4, Variant::kV3Block}) {
    Folder f(14, variant, 11);
    f.compact_range(1, 5);
    f.compact_range(4, 9);
    for (std::uint64_t a = 1; a <= 14; ++a) {
      for (std::uint64_t b = 1; b <= 14; ++b) {
        INFO("from " << a << " to " << b);
        const auto before = f.open(Txid{a});
        const auto after = f.open(Txid{b});
        REQUIRE((before && after));
        const auto changed = changed_pages(f.job, **before, **after);
        if (!changed) FAIL(changed.error().text());
        std::vector<Pgno> wanted;
        for (Pgno pgno = 1; pgno <= 60; ++pgno) {
          const auto in_a = f.truth.at(a).find(pgno);
          const auto in_b = f.truth.at(b).find(pgno);
          const bool has_a = in_a != f.truth.at(a).end();
          const bool has_b = in_b != f.truth.at(b).end();
          const bool same = has_a && has_b && in_a->second == in_b->second;
          if ((has_a || has_b) && !same) wanted.push_back(pgno);
        }
        CHECK(*changed == wanted);
        CHECK(changed_pages(f.job, static_cast<PageSource&>(**before), **after).ok());
      }
    }
  }
}

TEST_CASE("past database: a page outside of it, and one that is in no file") {
  const Folder f(3, Variant::kV3Block, 2);
  const auto past = f.open(Txid{2});
  REQUIRE(past);
  CHECK((*past)->page(0).error().code == Errc::kCorrupt);
  CHECK((*past)->page((*past)->page_count() + 1).error().code == Errc::kCorrupt);
  PastDatabase cut(f.job, make_chain({(*past)->chain().last()}), f.dir.path());
  bool missing = false;
  for (Pgno pgno = 1; pgno <= cut.page_count(); ++pgno) {
    const auto page = cut.page(pgno);
    if (!page) CHECK(page.error().code == Errc::kBrokenChain);
    missing = missing || !page;
  }
  CHECK(missing);
}

TEST_CASE("past database: damage gives errors and never a page of a wrong size") {
  for (const Variant variant : {Variant::kV1Lz4, Variant::kV2, Variant::kV3Block}) {
    const Folder f(2, variant, 4);
    const Buffer good = test::read_file(f.paths[0]);
    std::size_t refused = 0;
    for (std::size_t at = 0; at < good.size(); at += 5) {
      Buffer bad = good;
      bad[at] ^= std::byte{0x21};
      test::write_file(f.paths[0], bad);
      const auto past = f.open(Txid{2});
      if (!past) ++refused;
      for (Pgno pgno = 1; past && pgno <= (*past)->page_count(); ++pgno) {
        const auto page = (*past)->page(pgno);
        if (page) CHECK(page->size() == kPageSize);
        if (!page) ++refused;
      }
    }
    CHECK(refused > 0);
  }
}

TEST_CASE("past database: no memory is reserved for pages that are only claimed") {
  constexpr std::size_t kCommitAt = 12;  // in the header
  for (const Variant variant : ltx::kWritableVariants) {
    for (const std::size_t file : {std::size_t{0}, std::size_t{2}}) {
      INFO(ltx::variant_name(variant) << ", transaction " << file + 1);
      const Folder f(3, variant, 4);
      Buffer bad = test::read_file(f.paths[file]);
      std::fill_n(bad.begin() + kCommitAt, 4, std::byte{0xff});
      test::write_file(f.paths[file], bad);
      const auto past = f.open(Txid{file + 1});
      REQUIRE_FALSE(past);
      CHECK(past.error().code == Errc::kCorrupt);
      CHECK(past.error().text().find("4294967295 pages") != std::string::npos);
      CHECK(past.error().text().find(f.paths[file]) != std::string::npos);
    }
  }
}

TEST_CASE("past database: after an error no older version of a page is taken for the newest") {
  for (const Variant variant : {Variant::kV2, Variant::kV3Block}) {
    const Folder f(3, variant, 9);
    const Buffer good = test::read_file(f.paths[2]);
    std::size_t refused = 0;
    constexpr std::size_t kBehindHeader = 100;
    for (std::size_t at = kBehindHeader; at < good.size(); ++at) {
      Buffer bad = good;
      bad[at] ^= std::byte{0x21};
      test::write_file(f.paths[2], bad);
      const auto past = f.open(Txid{3});
      for (Pgno pgno = 1; past && pgno <= (*past)->page_count(); ++pgno) {
        const auto first_try = (*past)->page(pgno);
        if (first_try) continue;
        INFO(first_try.error().text());
        INFO("byte " << at << ", page " << pgno);
        CHECK_FALSE((*past)->page(pgno));
        ++refused;
      }
    }
    CHECK(refused > 0);
  }
}

}  // namespace litetool
