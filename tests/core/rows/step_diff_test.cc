// The tables of a log, found from the page indexes, against those of a comparison of both states.
#include "core/rows/step_diff.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <random>

#include "core/source/find_source.h"
#include "tests/support/database_pages.h"
#include "tests/support/ltx_images.h"
#include "tests/support/sqlite_session.h"
#include "tests/support/temp_dir.h"

namespace litetool {
namespace {

using test::Pages;

constexpr std::uint32_t kPageSize = 1024;

// A database and an LTX image for each of its transactions.
class Recorded {
 public:
  Recorded() : db_(dir_.file("app.db")), chain_(kPageSize) {
    std::filesystem::create_directory(dir_.file("ltx"));
    db_.exec("PRAGMA page_size = " + std::to_string(kPageSize));
  }

  // One transaction; those that change no page are none.
  void commit(const std::string& sql) {
    db_.exec(sql);
    test::DatabasePages now(dir_.file("app.db"));
    Pages changed;
    for (Pgno pgno = 1; pgno <= now.page_count(); ++pgno) {
      const auto page = now.page(pgno);
      const auto was = chain_.database().find(pgno);
      if (was != chain_.database().end() && std::ranges::equal(was->second, *page)) continue;
      changed[pgno] = Buffer(page->begin(), page->end());
    }
    if (changed.empty()) return;
    ++txid_;
    test::write_file(dir_.file("ltx/" + ltx::file_name({Txid{txid_}, Txid{txid_}})),
                     chain_.commit(changed, now.page_count()));
  }

  StepReader reader(bool live) const {
    auto walk = walk_steps(job_, {SourceKind::kLtx, "ltx", {dir_.file("ltx")}});
    if (!walk) FAIL(walk.error().text());
    auto copy = live ? LiveCopy::read(job_, dir_.file("app.db"), 64 << 20) : nullptr;
    CHECK((copy != nullptr) == live);
    return StepReader(job_, *std::move(walk), dir_.path(), std::move(copy));
  }
  std::uint64_t transactions() const { return txid_; }

 private:
  test::TempDir dir_;
  Job job_{posix_env(), 1};
  test::SqliteSession db_;
  test::LtxChain chain_;
  std::uint64_t txid_ = 0;
};

TouchedTables by_comparing(StepReader& reader) {
  const auto diff = reader.diff();
  if (!diff) FAIL(diff.error().text());
  return diff->tables();
}

std::string number(std::mt19937& random, unsigned most) {
  return std::to_string(random() % most);
}

// Something that a program might do.
std::string some_sql(std::mt19937& random) {
  const std::string table = "t" + number(random, 4);
  switch (random() % 12) {
    case 0:
      return "DROP TABLE IF EXISTS " + table + "; CREATE TABLE " + table +
             " (id INTEGER PRIMARY KEY, a TEXT, b BLOB)";
    case 1:
      return "CREATE INDEX IF NOT EXISTS i" + table + " ON " + table + " (a)";
    case 2:
      return "DROP INDEX IF EXISTS i" + table;
    case 3:
      return "DELETE FROM " + table + " WHERE id % 3 = " + number(random, 3);
    case 4:
      return "UPDATE " + table + " SET b = randomblob(" + number(random, 6000) +
             ") WHERE id = " + number(random, 50);
    case 5:
      return "UPDATE " + table + " SET b = substr(b, 1, length(b) - 1) || x'00' WHERE id < 4";
    case 6:
      return "VACUUM";
    case 7:
      return "INSERT INTO " + table + " (b) VALUES (randomblob(" + number(random, 9000) + "))";
    default:
      return "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n LIMIT 60) "
             "INSERT INTO " +
             table + " (a, b) SELECT hex(randomblob(20)), randomblob(" + number(random, 300) +
             ") FROM n WHERE i < " + number(random, 60);
  }
}

}  // namespace

TEST_CASE("step diff: the tables of each step are those that a comparison finds") {
  for (const unsigned seed : {1U, 2U, 3U}) {
    std::mt19937 random(seed);
    Recorded recorded;
    for (int t = 0; t < 4; ++t) {
      recorded.commit("CREATE TABLE t" + std::to_string(t) +
                      " (id INTEGER PRIMARY KEY, a TEXT, b BLOB)");
    }
    for (int i = 0; i < 150; ++i) recorded.commit(some_sql(random));
    for (const bool live : {false, true}) {
      StepReader fast = recorded.reader(live);
      StepReader slow = recorded.reader(false);
      for (std::uint64_t n = recorded.transactions(); n > 0; --n) {
        INFO("seed " << seed << ", transaction " << n << (live ? ", live" : ""));
        const auto step = fast.next();
        REQUIRE(step);
        REQUIRE(*step);
        REQUIRE(slow.next());
        const auto tables = fast.tables(SIZE_MAX);
        if (!tables) FAIL(tables.error().text());
        CHECK(*tables == by_comparing(slow));
      }
    }
  }
}

TEST_CASE("step diff: some steps may be passed over") {
  std::mt19937 random(7);
  Recorded recorded;
  for (int t = 0; t < 4; ++t) {
    recorded.commit("CREATE TABLE t" + std::to_string(t) +
                    " (id INTEGER PRIMARY KEY, a TEXT, b BLOB)");
  }
  for (int i = 0; i < 60; ++i) recorded.commit(some_sql(random));
  StepReader fast = recorded.reader(true);
  StepReader slow = recorded.reader(false);
  for (std::uint64_t n = recorded.transactions(); n > 0; --n) {
    REQUIRE(fast.next());
    REQUIRE(slow.next());
    if (random() % 3 != 0) continue;
    const auto tables = fast.tables(SIZE_MAX);
    if (!tables) FAIL(tables.error().text());
    CHECK(*tables == by_comparing(slow));
  }
}

}  // namespace litetool
