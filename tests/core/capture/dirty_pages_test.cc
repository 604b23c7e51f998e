// What is known of the pages of a transaction from the writes alone.
#include "core/capture/dirty_pages.h"

#include <catch2/catch.hpp>

#include "core/capture/written_run.h"

namespace litetool::test {
namespace {

using Pages = std::vector<Pgno>;

constexpr Checksum sum(std::uint64_t n) {
  return Checksum{Checksum::kFlag | n};
}

// A database of so many pages; the checksum of page n is sum(n).
PageChecksums database_of(Pgno pages) {
  PageChecksums known;
  for (Pgno pgno = 1; pgno <= pages; ++pgno) known.set(pgno, sum(pgno));
  return known;
}

}  // namespace

TEST_CASE("pages written as they were are not changed, and those written in part are unsure") {
  DirtyPages dirty;
  CHECK(dirty.empty());
  dirty.written(7, Checksum{});
  dirty.written(5, sum(50));
  dirty.written(3, sum(3));
  CHECK_FALSE(dirty.empty());
  const auto found = dirty.find(database_of(9), 9);
  CHECK(found.changed == Pages{5});
  CHECK(found.unsure == Pages{7});
  dirty.clear();
  CHECK(dirty.empty());
  CHECK(dirty.find(database_of(9), 9).changed.empty());
}

TEST_CASE("of several writes of a page the last one counts") {
  DirtyPages dirty;
  for (const Pgno other : {1, 2, 3, 4}) {
    dirty.written(1, other == 1 ? Checksum{} : sum(99));
    dirty.written(other, sum(99));
  }
  dirty.written(2, sum(2));
  dirty.written(3, Checksum{});
  dirty.written(1, Checksum{});
  dirty.written(1, sum(1));
  const auto found = dirty.find(database_of(9), 9);
  CHECK(found.changed == Pages{4});
  CHECK(found.unsure == Pages{3});
}

TEST_CASE("the same when there were so many writes that repeated ones were thrown out") {
  DirtyPages dirty;
  constexpr Pgno kPages = 1000;
  for (int round = 0; round < 200; ++round) {
    for (Pgno pgno = 1; pgno <= kPages; ++pgno) dirty.written(pgno, sum(99'999));
  }
  for (Pgno pgno = 2; pgno <= kPages; ++pgno) dirty.written(pgno, sum(pgno));
  const auto found = dirty.find(database_of(kPages), kPages);
  CHECK(found.changed == Pages{1});
  CHECK(found.unsure.empty());
}

TEST_CASE("pages behind the old end are new, and those behind a cut have to be read") {
  DirtyPages dirty;
  dirty.written(2, sum(20));
  dirty.written(11, sum(11));
  dirty.written(12, sum(0));
  const PageChecksums known = database_of(9);
  CHECK(dirty.find(known, 11).changed == Pages{2, 10, 11});
  dirty.resized(7 * 512, 512);
  const auto found = dirty.find(known, 10);
  CHECK(found.changed == Pages{2, 10});
  CHECK(found.unsure == Pages{8, 9});
  CHECK(dirty.find(known, 7).changed == Pages{2});
  CHECK(dirty.find(known, 7).unsure.empty());
  CHECK(dirty.find(known, 1).changed.empty());
}

TEST_CASE("which pages came from a log is forgotten once they are many, not from where on") {
  DirtyPages dirty;
  dirty.copied(4);
  dirty.copied(2);
  CHECK(dirty.find(database_of(9), 9).unsure == Pages{2, 4});
  constexpr Pgno kPages = 100'000;
  for (Pgno pgno = kPages; pgno > 5; --pgno) dirty.copied(pgno);
  CHECK_FALSE(dirty.empty());
  const auto found = dirty.find(database_of(kPages), kPages);
  CHECK(found.changed.empty());
  CHECK(found.unsure.front() == 2);
  CHECK(found.unsure.size() == kPages - 1);
  dirty.clear();
  CHECK(dirty.empty());
}

TEST_CASE("only long runs of writes are handed to the disk early, each byte of them once") {
  constexpr std::uint64_t kPage = 4096;
  WrittenRun run;
  std::uint64_t handed = 0;
  for (std::uint64_t n = 0; n < 1000; ++n) {
    const ByteRange early = run.written((100 + n) * kPage, kPage);
    if (early.size == 0) continue;
    CHECK(early.offset == 100 * kPage + handed);
    handed += early.size;
  }
  CHECK(handed > 0);
  CHECK(handed <= 1000 * kPage);
  std::uint64_t scattered = 0;
  for (std::uint64_t n = 0; n < 1000; ++n) scattered += run.written(n * 2 * kPage, kPage).size;
  CHECK(scattered == 0);
}

}  // namespace litetool::test
