// What a page of a database costs in memory while it is captured.
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>
#include <optional>

#include "tests/core/capture/run.h"
#include "tests/mount/truth.h"
#include "tests/support/sqlite_session.h"
#include "tests/support/temp_dir.h"

namespace {

std::atomic<std::size_t> allocated{0};
std::atomic<std::size_t> most_allocated{0};

void* counted(std::size_t size) {
  void* p = std::malloc(size);
  if (p == nullptr) throw std::bad_alloc();
  const std::size_t now = allocated += ::malloc_usable_size(p);
  std::size_t most = most_allocated;
  while (now > most && !most_allocated.compare_exchange_weak(most, now)) {
  }
  return p;
}

void uncounted(void* p) {
  allocated -= ::malloc_usable_size(p);
  std::free(p);
}

}  // namespace

void* operator new(std::size_t size) {
  return counted(size);
}
void* operator new[](std::size_t size) {
  return counted(size);
}
void operator delete(void* p) noexcept {
  uncounted(p);
}
void operator delete[](void* p) noexcept {
  uncounted(p);
}
void operator delete(void* p, std::size_t) noexcept {
  uncounted(p);
}
void operator delete[](void* p, std::size_t) noexcept {
  uncounted(p);
}

namespace litetool::test {
namespace {

constexpr std::size_t kPageSize = 512;
// One is four times the other, so that what grows by doubling does so as much in both. What does
// not depend on the size of a database is the same in both.
constexpr std::size_t kFew = 60'000;
constexpr std::size_t kMany = 4 * kFew;

// The most that was allocated at a time by `work`, beyond what was before.
template <typename Work>
std::size_t peak_of(Work work) {
  const std::size_t before = allocated;
  most_allocated = before;
  work();
  return most_allocated - before;
}

void fill(SqliteSession& session, std::size_t pages) {
  session.exec("CREATE TABLE t(x)");
  // Of what cannot be compressed, so that the buffers for the history are full in any case.
  session.exec("INSERT INTO t VALUES(randomblob(" + std::to_string(pages * (kPageSize - 4)) + "))");
}

std::size_t peak_of_adoption(std::size_t pages) {
  const TempDir temp;
  {
    SqliteSession session(temp.file("app.db"));
    session.exec("PRAGMA page_size=512; PRAGMA synchronous=OFF; PRAGMA journal_mode=OFF");
    fill(session, pages);
  }
  std::optional<Run> run;
  return peak_of([&] {
    run.emplace(temp.path());
    REQUIRE(run->loaded());
    CHECK(run->status("app.db").state == CaptureState::kReady);
  });
}

std::size_t peak_of_transaction(std::size_t pages) {
  const TempDir temp;
  SqliteSession session(temp.file("app.db"));
  session.exec("PRAGMA page_size=512; PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0");
  session.exec("PRAGMA synchronous=OFF; CREATE TABLE small(x)");
  Run run(temp.path());
  REQUIRE(run.loaded());
  run.database("app.db")->opened(FileRole::kWal, 1, false);
  fill(session, pages);
  const std::size_t peak = peak_of([&] { run.database("app.db")->catch_up(); });
  CHECK(run.status("app.db").pos.txid == Txid{3});
  return peak;
}

// The pages of the log are written to the file through the page cache.
std::size_t peak_of_checkpoint(std::size_t pages) {
  const TempDir temp;
  SqliteSession session(temp.file("app.db"));
  session.exec("PRAGMA page_size=512; PRAGMA journal_mode=WAL; CREATE TABLE small(x)");
  Run run(temp.path());
  REQUIRE(run.loaded());
  const auto database = run.database("app.db");
  database->opened(FileRole::kDatabase, 1, true);
  database->opened(FileRole::kWal, 2, true);
  return peak_of([&] {
    for (std::size_t i = 0; i < pages; ++i) {
      database->after_write(FileRole::kDatabase, i * kPageSize, kPageSize);
    }
  });
}

struct Cost {
  const char* of;
  std::size_t (*peak)(std::size_t pages);
  std::size_t most;  // bytes a page
};

TEST_CASE("what a page of a database costs in memory") {
  const auto cost = GENERATE(values<Cost>({{"adoption", peak_of_adoption, 16},
                                           {"one transaction", peak_of_transaction, 32},
                                           {"a checkpoint", peak_of_checkpoint, 4}}));
  const std::size_t few = cost.peak(kFew);
  const std::size_t many = cost.peak(kMany);
  INFO(cost.of << ": " << few << " and " << many << " bytes");
  CHECK((many - std::min(many, few)) / (kMany - kFew) <= cost.most);
}

}  // namespace
}  // namespace litetool::test
