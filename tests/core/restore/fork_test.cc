#include "core/restore/fork.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "core/source/ltx_files.h"
#include "tests/support/hooked_env.h"
#include "tests/support/ltx_images.h"
#include "tests/support/temp_dir.h"

namespace litetool {
namespace {

using test::filled_page;
using test::mixed_page;
using test::Pages;

constexpr std::uint32_t kPageSize = 512;

// A history of three transactions: the second changes pages 2 and 5, the third cuts and grows.
struct Forked {
  test::TempDir dir;
  test::HookedEnv env;
  Job job{env, 2};
  std::vector<Buffer> truth;

  Forked() {
    std::filesystem::create_directory(dir.file("ltx"));
    test::LtxChain chain(kPageSize);
    Pages pages;
    for (Pgno p = 1; p <= 6; ++p) pages[p] = mixed_page(kPageSize, p);
    add(chain, pages, 6);
    add(chain, {{2, mixed_page(kPageSize, 12)}, {5, mixed_page(kPageSize, 15)}}, 6);
    add(chain, {{1, mixed_page(kPageSize, 21)}}, 3);
  }
  void add(test::LtxChain& chain, const Pages& changed, Pgno commit) {
    const std::uint64_t txid = truth.size() + 1;
    test::write_file(dir.file("ltx/" + ltx::file_name({Txid{txid}, Txid{txid}})),
                     chain.commit(changed, commit));
    Buffer all;
    for (const auto& [pgno, page] : chain.database()) {
      all.insert(all.end(), page.begin(), page.end());
    }
    truth.push_back(all);
  }
  std::string live() const { return dir.file("live.db"); }
  Result<Fork> fork(std::uint64_t txid) {
    std::filesystem::remove(dir.file("new.db"));
    LT_ASSIGN(const auto source, open_ltx_files(job, {dir.file("ltx")}));
    LT_ASSIGN(const RestorePlan plan, plan_restore(*source, {{Txid{txid}}}));
    return fork_database(job, plan, live(), dir.file("new.db"), RestoreCheck::kNone);
  }
  Buffer made() const { return test::read_file(dir.file("new.db")); }
};

}  // namespace

TEST_CASE("fork: from the blocks of any state, only what differs is written") {
  Forked f;
  f.env.can_clone = true;
  for (std::uint64_t live = 1; live <= 3; ++live) {
    test::write_file(f.live(), f.truth[live - 1]);
    for (std::uint64_t txid = 1; txid <= 3; ++txid) {
      INFO(live << " to " << txid);
      const auto fork = f.fork(txid);
      if (!fork) FAIL(fork.error().text());
      CHECK(f.made() == f.truth[txid - 1]);
      CHECK(fork->shares_blocks);
      if (live == txid) CHECK(fork->written == 0);
    }
  }
  test::write_file(f.live(), f.truth[1]);
  CHECK(f.fork(1)->written == 2);
  CHECK(test::read_file(f.live()) == f.truth[1]);
}

TEST_CASE("fork: whatever the live file is, the fork is what the history says") {
  Forked f;
  f.env.can_clone = true;
  const Buffer torn(f.truth[1].begin(), f.truth[1].end() - 700);
  Buffer longer = filled_page(kPageSize * 9, 7);
  for (const Buffer& live : {Buffer(), torn, longer}) {
    test::write_file(f.live(), live);
    REQUIRE(f.fork(2));
    CHECK(f.made() == f.truth[1]);
  }
}

TEST_CASE("fork: without blocks to share every page is written") {
  Forked f;
  SECTION("the file system cannot") {
    test::write_file(f.live(), f.truth[1]);
  }
  SECTION("there is no live file") {
    f.env.can_clone = true;
  }
  const auto fork = f.fork(2);
  if (!fork) FAIL(fork.error().text());
  CHECK(f.made() == f.truth[1]);
  CHECK(!fork->shares_blocks);
  CHECK(fork->written == 6);
}

TEST_CASE("fork: nothing is replaced") {
  Forked f;
  const auto source = open_ltx_files(f.job, {f.dir.file("ltx")});
  const auto plan = plan_restore(**source, {{Txid{1}}});
  test::write_file(f.dir.file("new.db"), filled_page(kPageSize, 7));
  const auto fork =
      fork_database(f.job, *plan, f.live(), f.dir.file("new.db"), RestoreCheck::kNone);
  REQUIRE(!fork);
  CHECK(fork.error().code == Errc::kExists);
  CHECK(f.made() == filled_page(kPageSize, 7));
}

}  // namespace litetool
