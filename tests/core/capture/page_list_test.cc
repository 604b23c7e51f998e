#include "core/capture/page_list.h"

#include <catch2/catch.hpp>

#include "core/capture/page_checksums.h"

namespace litetool::test {
namespace {

constexpr std::uint32_t kPageSize = kMaxPageSize;
constexpr Pgno kLock = lock_page(kPageSize);

TEST_CASE("all pages of a database are all but the lock page, and so are their checksums") {
  const Pgno commit = GENERATE(Pgno{0}, Pgno{1}, kLock - 1, kLock, kLock + 1, kLock + 100);
  CAPTURE(commit);
  const PageList all = PageList::all(commit, kPageSize);
  PageChecksums known;
  std::vector<Checksum> sums;
  std::size_t n = 0;
  bool same = true;
  known.resize(commit);
  for (Pgno pgno = 1; pgno <= commit; ++pgno) {
    if (pgno == kLock) continue;
    same = same && n < all.size() && all[n++] == pgno;
    sums.push_back(Checksum{Checksum::kFlag | (pgno * 7919ull)});
    known.set(pgno, sums.back());
  }
  CHECK(same);
  CHECK(all.size() == n);
  CHECK(all.empty() == (commit == 0));
  const PageChecksums made(std::move(sums), commit, kPageSize);
  CHECK((made.all() == known.all()));
  CHECK(made.database() == known.database());
}

}  // namespace
}  // namespace litetool::test
