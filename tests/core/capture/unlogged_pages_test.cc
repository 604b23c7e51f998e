// Pages that a commit in the log has grown by, and has no frame for.
#include <catch2/catch.hpp>

#include "tests/core/capture/run.h"
#include "tests/formats/sqlite/wal_support.h"
#include "tests/mount/truth.h"
#include "tests/support/sqlite_session.h"
#include "tests/support/temp_dir.h"

namespace litetool::test {
namespace {

constexpr std::size_t kPageSize = 512;

Bytes page_of(const Buffer& database, Pgno pgno) {
  return Bytes(database).subspan((pgno - 1) * kPageSize, kPageSize);
}

// Its checksums are still to be computed.
void add_frame(Buffer& wal, Pgno pgno, Pgno commit, Bytes page) {
  const std::size_t at = wal.size();
  wal.resize(at + kWalFrameHeaderSize);
  store_be(wal.data() + at, pgno);
  store_be(wal.data() + at + 4, commit);
  std::ranges::copy(Bytes(wal).subspan(16, 8), wal.begin() + static_cast<std::ptrdiff_t>(at + 8));
  wal.insert(wal.end(), page.begin(), page.end());
}

TEST_CASE("a page without a frame in its commit is what an older frame says, or the file") {
  const LiveWal live = live_wal(kPageSize, 1);
  Buffer wal(live.wal.begin(), live.wal.begin() + kWalHeaderSize);
  const Buffer first(kPageSize, std::byte{7});
  const Buffer newer(kPageSize, std::byte{9});
  Buffer file = live.database;
  file.resize(kPageSize * 2);
  file.resize(kPageSize * 6, std::byte{3});
  add_frame(wal, 3, 0, first);
  add_frame(wal, 4, 0, first);
  add_frame(wal, 4, 0, newer);
  add_frame(wal, 1, 4, page_of(file, 1));
  const TempDir temp;
  const std::string path = temp.file("app.db");
  write_file(path, file);
  write_file(path + "-wal", rechained(wal, false));
  Run run(temp.path());
  REQUIRE(run.loaded());

  add_frame(wal, 1, 2, page_of(file, 1));  // shrinks
  add_frame(wal, 5, 0, first);
  add_frame(wal, 1, 6, page_of(file, 1));  // grows, by 3, 4 and 6 too
  write_file(path + "-wal", rechained(wal, false));
  const auto database = run.database("app.db");
  database->opened(FileRole::kWal, 1, false);
  database->catch_up();

  const std::vector<Buffer> states = states_in_history(temp.path(), "app.db");
  REQUIRE(states.size() == 3);
  CHECK(states[0].size() == 4 * kPageSize);
  CHECK(states[1].size() == 2 * kPageSize);
  REQUIRE(states[2].size() == 6 * kPageSize);
  CHECK(std::ranges::equal(page_of(states[2], 3), first));
  CHECK(std::ranges::equal(page_of(states[2], 4), newer));
  CHECK(std::ranges::equal(page_of(states[2], 5), first));
  CHECK(std::ranges::equal(page_of(states[2], 6), page_of(file, 6)));
  CHECK(states[2] == committed_bytes(path));
}

}  // namespace
}  // namespace litetool::test
