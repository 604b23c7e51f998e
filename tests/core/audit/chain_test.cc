#include "core/audit/chain.h"

#include <catch2/catch.hpp>

namespace litetool {
namespace {

Checksum sum(std::uint64_t n) {
  return Checksum{Checksum::kFlag | n};
}

// A whole image min-max of a database of 10 pages; its checksum after TXID n is sum(n).
ChainLink link(std::uint64_t min, std::uint64_t max) {
  ChainLink l;
  l.file = std::to_string(min) + "-" + std::to_string(max);
  l.page_size = l.first_page_size = 512;
  l.min = Txid{min};
  l.max = Txid{max};
  l.pre_apply = min == 1 ? Checksum{} : sum(min - 1);
  l.post_apply = sum(max);
  l.first_post_apply = l.post_apply;
  l.commit = 10;
  l.first_commit = 10;
  l.first_page_count = 1;
  return l;
}

ChainLink segment(std::uint64_t min, std::uint64_t max) {
  ChainLink l = link(min, max);
  l.segment = true;
  return l;
}

// "INDEX: TEXT" of the first problem, or "".
std::string first_problem(std::vector<ChainLink> links) {
  sort_chain(links);
  const auto problems = check_chain(links);
  return problems.empty() ? "" : std::to_string(problems[0].link) + ": " + problems[0].text;
}

bool starts(const std::string& text, const std::string& with) {
  INFO(text);
  CHECK(text.substr(0, with.size()) == with);
  return true;
}

}  // namespace

TEST_CASE("chain: contiguous links are whole, whatever order they come in") {
  CHECK(first_problem({link(5, 9), link(1, 1), link(2, 4)}).empty());
  CHECK(first_problem({link(7, 7), link(8, 9)}).empty());
  CHECK(first_problem({}).empty());
}

TEST_CASE("chain: a gap is named with the TXIDs that are missing") {
  CHECK(first_problem({link(1, 1), link(2, 4), link(6, 6)}) ==
        "2: chain breaks after 0000000000000004: TXID 0000000000000005 is missing");
  CHECK(first_problem({link(1, 1), link(4, 4)}) ==
        "1: chain breaks after 0000000000000001: TXIDs 0000000000000002 to 0000000000000003 are "
        "missing");
}

TEST_CASE("chain: a checksum that does not follow on is a break, and says both") {
  ChainLink next = link(2, 2);
  next.pre_apply = sum(99);
  starts(first_problem({link(1, 1), next}),
         "1: chain breaks after 0000000000000001: it expects checksum 8000000000000063, 1-1 ends "
         "with 8000000000000001");
}

TEST_CASE("chain: without checksums TXIDs alone count") {
  ChainLink a = link(1, 1);
  ChainLink b = link(2, 2);
  for (ChainLink* l : {&a, &b}) {
    l->has_checksums = false;
    l->pre_apply = l->post_apply = l->first_post_apply = Checksum{};
  }
  CHECK(first_problem({a, b}).empty());
  b.min = b.max = Txid{3};
  starts(first_problem({a, b}), "1: chain breaks after 0000000000000001");
}

TEST_CASE("chain: overlaps are for levels and snapshots, else they are problems") {
  CHECK(first_problem({link(1, 5), link(1, 9)}).empty());
  CHECK(first_problem({link(1, 9), link(4, 5), link(6, 12)}).empty());
  CHECK(first_problem({link(2, 9), segment(5, 14)}).empty());
  starts(first_problem({link(2, 9), link(5, 12)}), "1: overlaps 2-9");
  CHECK(first_problem({link(2, 9), link(2, 9)}).empty());
}

TEST_CASE("chain: one TXID with two checksums is two histories") {
  ChainLink other = link(1, 9);
  other.post_apply = sum(77);
  starts(first_problem({link(1, 5), link(6, 9), other}), "2: two histories: 0000000000000009");
}

TEST_CASE("chain: a page size changes with a snapshot only") {
  ChainLink next = link(2, 2);
  next.page_size = next.first_page_size = 1024;
  starts(first_problem({link(1, 1), next}), "1: page size changes from 512 to 1024");
  ChainLink snapshot = link(1, 2);
  snapshot.page_size = snapshot.first_page_size = 1024;
  CHECK(first_problem({link(1, 1), snapshot}).empty());
}

TEST_CASE("chain: a segment's first image follows on, whatever page size its last one has") {
  ChainLink changes = segment(2, 3);
  ChainLink snapshot = link(1, 4);
  snapshot.page_size = snapshot.first_page_size = 1024;
  extend_link(changes, snapshot);
  ChainLink next = segment(5, 5);
  next.page_size = next.first_page_size = 1024;
  CHECK(first_problem({segment(1, 1), changes, next}).empty());
  next.page_size = next.first_page_size = 512;
  starts(first_problem({segment(1, 1), changes, next}), "2: page size changes from 1024 to 512");
}

TEST_CASE("chain: every page that a database grows by must be there") {
  ChainLink next = link(2, 2);
  next.first_commit = next.commit = 15;
  next.first_tail_run = 11;
  CHECK(first_problem({link(1, 1), next}).empty());
  next.first_tail_run = 13;
  starts(first_problem({link(1, 1), next}),
         "1: page 12 is missing: the database grows from 10 to 15 pages");
}

TEST_CASE("chain: the lock page is not asked for when a database grows over it") {
  const Pgno lock = lock_page(512);
  ChainLink before = link(1, 1);
  before.commit = lock - 1;
  ChainLink next = link(2, 2);
  next.first_commit = next.commit = lock + 2;
  next.first_tail_run = lock + 1;
  CHECK(first_problem({before, next}).empty());
  before.commit = lock - 2;
  starts(first_problem({before, next}), "1: page " + std::to_string(lock - 1) + " is missing");
  next.first_tail_run = lock - 1;
  CHECK(first_problem({before, next}).empty());
}

TEST_CASE("chain: a link without pages must change nothing, or shrink the database") {
  ChainLink next = link(2, 2);
  next.first_page_count = 0;
  starts(first_problem({link(1, 1), next}), "1: no pages, but the database checksum changes");
  next.first_commit = next.commit = 9;
  CHECK(first_problem({link(1, 1), next}).empty());
  next = link(2, 2);
  next.first_page_count = 0;
  next.post_apply = next.first_post_apply = next.pre_apply;
  CHECK(first_problem({link(1, 1), next}).empty());
}

TEST_CASE("chain: a damaged link that is known by name leaves no gap") {
  CHECK(
      first_problem({link(1, 1), make_unknown_link("2-3", Txid{2}, Txid{3}), link(4, 4)}).empty());
}

TEST_CASE("chain: images of a segment follow on exactly") {
  ChainLink run = segment(1, 1);
  CHECK_FALSE(check_follows(run, segment(2, 2)));
  extend_link(run, segment(2, 2));
  CHECK(run.max == Txid{2});
  CHECK(run.min == Txid{1});
  REQUIRE(check_follows(run, segment(4, 4)));
  REQUIRE(check_follows(run, segment(2, 2)));
  CHECK(check_follows(run, segment(2, 2))->text ==
        "begins at 0000000000000002, but the image before it ends at 0000000000000002");
}

}  // namespace litetool
