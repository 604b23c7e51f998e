#include "core/past/past_states.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "tests/support/database_pages.h"
#include "tests/support/ltx_images.h"
#include "tests/support/temp_dir.h"

namespace litetool {
namespace {

using ltx::Variant;
using test::mixed_page;
using test::Pages;

constexpr std::uint32_t kPageSize = 512;

// Images of a database that grows and shrinks, the newest first, and the truth about each state.
struct States {
  test::TempDir dir;
  Job job{posix_env(), 1};
  std::vector<ImageRef> images;
  std::vector<Pages> truth;
  std::size_t images_read = 0;

  // `snapshots`: TXIDs at which an image holds everything, besides the first.
  States(std::uint64_t count, Variant variant, unsigned seed,
         const std::vector<std::uint64_t>& snapshots = {}) {
    test::LtxChain chain(kPageSize, variant);
    std::mt19937 random(seed);
    for (std::uint64_t txid = 1; txid <= count; ++txid) {
      Buffer image = chain.commit_at_random(random);
      if (std::ranges::find(snapshots, txid) != snapshots.end()) {
        image = test::make_ltx(
            test::ltx_header(variant, kPageSize, chain.database().rbegin()->first, 1, txid),
            chain.database());
      }
      add(txid, image);
      truth.insert(truth.begin(), chain.database());
    }
  }
  void add(std::uint64_t txid, Bytes image) {
    const std::string path = dir.file(std::to_string(txid) + ".ltx");
    test::write_file(path, image);
    const auto listed = list_images(job, path);
    if (!listed) FAIL(listed.error().text());
    images.insert(images.begin(), listed->front());
  }

  PastStates open() {
    const auto image = [this](std::size_t number) -> Result<PastStates::Numbered> {
      images_read = std::max(images_read, number + 1);
      if (number >= images.size()) return Error(Errc::kBrokenChain, "no more");
      return PastStates::Numbered{&images[number], true};
    };
    return PastStates(job, image, dir.path());
  }
  std::shared_ptr<PageSource> known(std::size_t number) const {
    Buffer all;
    for (const auto& [pgno, page] : truth[number]) all.insert(all.end(), page.begin(), page.end());
    return std::make_shared<test::DatabasePages>(all, kPageSize);
  }
};

void check_state(PageSource& state, const Pages& truth, std::mt19937& random, std::size_t most) {
  REQUIRE(state.page_count() == truth.size());
  std::vector<Pgno> order;
  for (const auto& [pgno, page] : truth) order.push_back(pgno);
  std::ranges::shuffle(order, random);
  order.resize(std::min(order.size(), most));
  for (const Pgno pgno : order) {
    INFO("page " << pgno);
    const auto page = state.page(pgno);
    if (!page) FAIL(page.error().text());
    CHECK(std::ranges::equal(*page, truth.at(pgno)));
  }
}

// Each state, with the one before it, from the newest backwards.
void check_walk(States& s, PastStates& states, std::mt19937& random) {
  for (std::size_t number = 0; number < s.truth.size(); ++number) {
    INFO("state " << number);
    states.forget_before(number);
    const auto after = states.state(number);
    REQUIRE(after);
    check_state(**after, s.truth[number], random, 1 + random() % 40);
    if (number + 1 == s.truth.size()) break;
    const auto before = states.state(number + 1);
    REQUIRE(before);
    check_state(**before, s.truth[number + 1], random, 1 + random() % 40);
  }
}

}  // namespace

TEST_CASE("past states: each page of each state of every variant") {
  std::mt19937 random(1);
  for (const Variant variant : ltx::kWritableVariants) {
    INFO(ltx::variant_name(variant));
    States s(40, variant, static_cast<unsigned>(random()), {12, 25});
    PastStates states = s.open();
    check_walk(s, states, random);
  }
}

TEST_CASE("past states: one whose content is known helps, and never misleads") {
  std::mt19937 random(2);
  for (std::size_t known = 0; known < 40; known += 3) {
    INFO("known: " << known);
    States s(40, Variant::kV3Block, static_cast<unsigned>(random()), {20});
    PastStates states = s.open();
    states.known(known, s.known(known));
    check_walk(s, states, random);
  }
}

TEST_CASE("past states: what is known needs no images") {
  States s(200, Variant::kV3Block, 3);
  PastStates states = s.open();
  states.known(0, s.known(0));
  std::mt19937 random(3);
  for (std::size_t number = 0; number < 3; ++number) {
    const auto state = states.state(number);
    REQUIRE(state);
    if (number == 0) check_state(**state, s.truth[0], random, 60);
    if (number > 0) CHECK((*state)->page(1));
  }
  CHECK(s.images_read < 60);
}

TEST_CASE("past states: a look back has an end where that is asked for") {
  States s(200, Variant::kV3Block, 4);
  PastStates states = s.open();
  states.look_back_at_most(1);
  const auto state = states.state(0);
  REQUIRE(state);
  std::size_t late = 0;
  for (Pgno pgno = 1; pgno <= (*state)->page_count(); ++pgno) {
    const auto page = (*state)->page(pgno);
    if (!page) CHECK(page.error().code == Errc::kTimeout);
    if (!page) ++late;
  }
  CHECK(late > 0);
  CHECK(s.images_read == 1);
  states.look_back_at_most(200);
  std::mt19937 random(4);
  check_state(**state, s.truth[0], random, 60);
}

TEST_CASE("past states: a missing image is not passed over") {
  States s(10, Variant::kV3Block, 5);
  std::size_t hole = 3;
  const auto image = [&](std::size_t number) -> Result<PastStates::Numbered> {
    if (number >= s.images.size()) return Error(Errc::kBrokenChain, "no more");
    return PastStates::Numbered{&s.images[number], number != hole};
  };
  PastStates states(s.job, image, s.dir.path());
  const auto newest = states.state(0);
  REQUIRE(newest);
  std::size_t missing = 0;
  for (Pgno pgno = 1; pgno <= (*newest)->page_count(); ++pgno) {
    const auto page = (*newest)->page(pgno);
    if (page) CHECK(std::ranges::equal(*page, s.truth[0].at(pgno)));
    if (!page) CHECK(page.error().code == Errc::kBrokenChain);
    if (!page) ++missing;
  }
  CHECK(missing > 0);
  std::mt19937 random(5);
  const auto behind = states.state(hole);
  REQUIRE(behind);
  check_state(**behind, s.truth[hole], random, 60);
}

}  // namespace litetool
