#include "core/ltx/apply.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "core/ltx/frame_merge.h"
#include "tests/support/fault_env.h"
#include "tests/support/ltx_images.h"
#include "tests/support/sqlite_session.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unsynced_env.h"

namespace litetool {
namespace {

using ltx::Variant;
using test::FaultEnv;
using test::filled_page;
using test::ltx_header;
using test::make_ltx;
using test::Pages;

Pages pages_of(Bytes database, std::uint32_t page_size) {
  Pages pages;
  for (std::size_t at = 0; at < database.size(); at += page_size) {
    const Bytes page = database.subspan(at, page_size);
    pages[static_cast<Pgno>(at / page_size + 1)] = Buffer(page.begin(), page.end());
  }
  return pages;
}

Buffer bytes_of(const Pages& pages) {
  Buffer out;
  for (const auto& [pgno, page] : pages) out.insert(out.end(), page.begin(), page.end());
  return out;
}

// The transaction that leads from one database file to another.
Buffer transaction(Bytes before, Bytes after, std::uint32_t page_size, std::uint64_t txid) {
  const Pages old = pages_of(before, page_size);
  const Pages now = pages_of(after, page_size);
  Pages changed;
  for (const auto& [pgno, page] : now) {
    const auto it = old.find(pgno);
    if (it == old.end() || it->second != page) changed[pgno] = page;
  }
  const auto commit = static_cast<Pgno>(now.size());
  return make_ltx(ltx_header(Variant::kV3Block, page_size, commit, txid, txid,
                             test::database_checksum(old), 1000),
                  changed, test::database_checksum(now));
}

struct Place {
  test::TempDir dir;
  std::vector<std::string> paths;
  Job job{posix_env(), 2};

  std::string db() const { return dir.file("app.db"); }
  void add(Bytes image) {
    paths.push_back(dir.file("in" + std::to_string(paths.size()) + ".ltx"));
    test::write_file(paths.back(), image);
  }
  Result<ApplyReport> apply(ApplyOptions options = {}) { return apply_with(posix_env(), options); }
  Result<ApplyReport> apply_with(Env& env, ApplyOptions options = {}) {
    options.timeout_ms = 50;
    const Job with{env, 2};
    auto images = find_images(with, paths);
    if (!images) return images.error();
    return apply_images(with, *images, db(), options);
  }
  bool clean() const {
    for (const auto& e : std::filesystem::directory_iterator(dir.path())) {
      const std::string name = e.path().filename();
      if (!name.starts_with("in") && name != "app.db") return false;
    }
    return true;
  }
};

// Three states of a real database: rows, more rows and a table gone, shrunk.
struct Story {
  std::vector<Buffer> states;
  Buffer transactions(std::size_t to) const {
    return transaction(states[to - 1], states[to], 4096, to + 1);
  }
};

const Story& story() {
  static const Story kStory = [] {
    Story s;
    test::TempDir dir;
    test::SqliteSession db(dir.file("a.db"));
    const auto keep = [&] { s.states.push_back(test::read_file(dir.file("a.db"))); };
    db.exec("CREATE TABLE t(x); CREATE TABLE u(x)");
    db.exec(
        "WITH n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<300) "
        "INSERT INTO t SELECT hex(randomblob(100)) FROM n");
    keep();
    db.exec("UPDATE t SET x = upper(x) || 'y' WHERE rowid % 3 = 0; INSERT INTO u SELECT x FROM t");
    keep();
    db.exec("DELETE FROM u");
    db.exec("VACUUM");
    keep();
    return s;
  }();
  return kStory;
}

}  // namespace

TEST_CASE("apply: a snapshot and what follows make a new database") {
  Place p;
  test::LtxChain chain(512);
  p.add(chain.commit({{1, filled_page(512, 1)}, {2, filled_page(512, 2)}}));
  p.add(
      chain.commit({{2, filled_page(512, 3)}, {3, filled_page(512, 4)}, {4, filled_page(512, 5)}}));
  p.add(chain.commit({{1, filled_page(512, 6)}}, 3));
  const auto report = p.apply();
  if (!report) FAIL(report.error().text());
  CHECK(report->created);
  CHECK(report->after == chain.pos().checksum);
  CHECK(test::read_file(p.db()) == bytes_of(chain.database()));
  CHECK(p.clean());
  // Once more: a snapshot does not replace a database unasked.
  const auto again = p.apply();
  REQUIRE_FALSE(again);
  CHECK(again.error().code == Errc::kExists);
  ApplyOptions force;
  force.replace = true;
  CHECK(p.apply(force));
}

TEST_CASE("apply: a database is changed in place, grown and shrunk") {
  const Story& s = story();
  REQUIRE(s.states[1].size() > s.states[0].size());
  REQUIRE(s.states[2].size() < s.states[1].size());
  for (std::size_t from = 0; from < 2; ++from) {
    for (std::size_t to = from + 1; to < 3; ++to) {
      Place p;
      test::write_file(p.db(), s.states[from]);
      for (std::size_t i = from + 1; i <= to; ++i) p.add(s.transactions(i));
      ApplyOptions dry;
      dry.dry_run = true;
      const auto planned = p.apply(dry);
      if (!planned) FAIL(planned.error().text());
      CHECK(test::read_file(p.db()) == s.states[from]);
      const auto report = p.apply();
      if (!report) FAIL(report.error().text());
      CHECK_FALSE(report->created);
      CHECK(report->pages_written == planned->pages_written);
      CHECK(test::read_file(p.db()) == s.states[to]);
      CHECK(p.clean());
      test::SqliteSession db(p.db());
      CHECK(db.value("PRAGMA integrity_check") == "ok");
    }
  }
}

TEST_CASE("apply: a database at another position is left alone") {
  const Story& s = story();
  Place p;
  test::write_file(p.db(), s.states[0]);
  p.add(s.transactions(2));
  const auto wrong = p.apply();
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().code == Errc::kBrokenChain);
  CHECK(test::read_file(p.db()) == s.states[0]);
  CHECK(p.clean());
}

TEST_CASE("apply: gaps, missing databases and wrong sums are named") {
  const Story& s = story();
  Place p;
  p.add(s.transactions(1));
  CHECK(p.apply().error().code == Errc::kNotFound);
  test::write_file(p.db(), s.states[0]);
  Place gap;
  test::write_file(gap.db(), s.states[0]);
  gap.add(s.transactions(1));
  gap.add(transaction(s.states[1], s.states[2], 4096, 7));
  CHECK(gap.apply().error().code == Errc::kBrokenChain);

  // A file whose own sums are right, but that does not lead where it says.
  Place lie;
  test::write_file(lie.db(), s.states[0]);
  const Checksum pre = test::database_checksum(pages_of(s.states[0], 4096));
  const auto commit = static_cast<Pgno>(s.states[0].size() / 4096);
  lie.add(make_ltx(ltx_header(Variant::kV3Block, 4096, commit, 9, 9, pre),
                   {{2, filled_page(4096, 7)}}, Checksum{0x8000000000001234}));
  const auto lied = lie.apply();
  REQUIRE_FALSE(lied);
  CHECK(lied.error().code == Errc::kCorrupt);
  CHECK(test::read_file(lie.db()) == s.states[0]);
}

TEST_CASE("apply: pages that cannot be anywhere are not looked for") {
  constexpr std::uint32_t kPageSize = 512;
  const Pages pages = {{1, filled_page(kPageSize, 1)}, {2, filled_page(kPageSize, 2)}};
  for (const Pgno commit : {Pgno{100000}, Pgno{UINT32_MAX}}) {
    CAPTURE(commit);
    Place place;
    test::write_file(place.db(), bytes_of(pages));
    place.add(make_ltx(ltx_header(Variant::kV3Block, kPageSize, commit, 2, 2,
                                  test::database_checksum(pages), 1000),
                       {{1, filled_page(kPageSize, 3)}}, Checksum{0x8000000000001234}));
    const auto done = place.apply();
    REQUIRE_FALSE(done);
    CHECK(done.error().code == Errc::kCorrupt);
    CHECK(done.error().message.find("claims a database of") != std::string::npos);
    CHECK(test::read_file(place.db()) == bytes_of(pages));
  }
}

TEST_CASE("apply: overlapping files as levels of compaction have them") {
  Place p;
  test::LtxChain chain(512);
  p.add(chain.commit({{1, filled_page(512, 1)}}));
  const Pos one = chain.pos();
  const Buffer second = chain.commit({{1, filled_page(512, 2)}});
  const Buffer third = chain.commit({{1, filled_page(512, 3)}});
  p.add(second);
  p.add(third);
  // 2-3 holds both of the others.
  p.add(make_ltx(ltx_header(Variant::kV3Block, 512, 1, 2, 3, one.checksum), chain.database(),
                 chain.pos().checksum));
  const auto report = p.apply();
  if (!report) FAIL(report.error().text());
  CHECK(report->images == 2);
  CHECK(report->images_passed_over == 2);
  CHECK(test::read_file(p.db()) == bytes_of(chain.database()));
}

TEST_CASE("apply: more files than are merged at once") {
  Place p;
  test::LtxChain chain(512);
  p.add(chain.commit({{1, filled_page(512, 1)}, {2, filled_page(512, 9)}}));
  for (unsigned i = 0; i < kMaxMergeInputs + 20; ++i) {
    p.add(chain.commit({{1 + i % 2, filled_page(512, i)}}));
  }
  const auto report = p.apply();
  if (!report) FAIL(report.error().text());
  CHECK(report->images == p.paths.size());
  CHECK(test::read_file(p.db()) == bytes_of(chain.database()));
  CHECK(p.clean());
}

TEST_CASE("apply: files without checksums need to be trusted onto a database") {
  Place p;
  auto header = ltx_header(Variant::kV3Frame, 512, 1, 1, 1);
  header.flags = ltx::kFlagNoChecksum;
  p.add(make_ltx(header, {{1, filled_page(512, 1)}}));
  CHECK(p.apply());
  header.min_txid = header.max_txid = Txid{2};
  test::write_file(p.paths[0], make_ltx(header, {{1, filled_page(512, 2)}}));
  CHECK(p.apply().error().code == Errc::kUsage);
  ApplyOptions trust;
  trust.trust_base = true;
  CHECK(p.apply(trust));
  CHECK(test::read_file(p.db()) == filled_page(512, 2));
}

TEST_CASE("apply: a database that is open, or has a log or a hot journal, is refused") {
  const Story& s = story();
  Place p;
  test::write_file(p.db(), s.states[0]);
  p.add(s.transactions(1));
  {
    test::SqliteSession reader(p.db());
    reader.exec("BEGIN; SELECT count(*) FROM t");
    CHECK(p.apply().error().code == Errc::kTimeout);
  }
  Buffer journal(512, std::byte{0});
  store_be(journal.data(), std::uint64_t{0xd9d505f920a163d7});
  test::write_file(p.db() + "-journal", journal);
  const auto hot = p.apply();
  REQUIRE_FALSE(hot);
  CHECK(hot.error().message.find("hot") != std::string::npos);
  std::filesystem::remove(p.db() + "-journal");
  CHECK(test::read_file(p.db()) == s.states[0]);

  // A copy of a database with its log, as a kill leaves them.
  Place wal;
  {
    test::SqliteSession db(wal.dir.file("in.db"));
    db.exec(
        "PRAGMA journal_mode=wal; CREATE TABLE t(x); PRAGMA wal_checkpoint; "
        "INSERT INTO t VALUES(1)");
    std::filesystem::copy(wal.dir.file("in.db"), wal.db());
    std::filesystem::copy(wal.dir.file("in.db-wal"), wal.db() + "-wal");
  }
  wal.add(s.transactions(1));
  const auto frames = wal.apply();
  REQUIRE_FALSE(frames);
  CHECK(frames.error().message.find("-wal holds") != std::string::npos);
}

TEST_CASE("apply: killed at any effect, SQLite sees the old or the new state", "[crash]") {
  const Story& s = story();
  for (std::size_t from = 0; from < 2; ++from) {
    bool survived = false;
    for (std::uint64_t k = 1; !survived; ++k) {
      Place p;
      test::write_file(p.db(), s.states[from]);
      p.add(s.transactions(from + 1));
      const pid_t child = ::fork();
      if (child == 0) {
        FaultEnv env(posix_env(), k, FaultEnv::Fault::kKill);
        const bool ok = p.apply_with(env).ok();
        ::_exit(ok ? 0 : 1);
      }
      int status = 0;
      REQUIRE(::waitpid(child, &status, 0) == child);
      REQUIRE(WIFEXITED(status));
      INFO("effect " << k);
      REQUIRE((WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == FaultEnv::kKilled));
      survived = WEXITSTATUS(status) == 0;
      {
        test::SqliteSession db(p.db());
        CHECK(db.value("PRAGMA integrity_check") == "ok");
      }
      const Buffer now = test::read_file(p.db());
      const bool is_old = now == s.states[from];
      const bool is_new = now == s.states[from + 1];
      CHECK((is_old || is_new));
      CHECK((!survived || is_new));
    }
  }
}

TEST_CASE("apply: a power cut at any effect leaves the old state or the new", "[crash]") {
  using test::Lost;
  const Lost lost = GENERATE(Lost::kNothing, Lost::kData, Lost::kNames, Lost::kAll);
  const Story& s = story();
  for (std::size_t from = 0; from < 2; ++from) {
    bool done = false;
    for (std::uint64_t k = 1; !done; ++k) {
      Place p;
      const test::TempDir attic;
      test::write_file(p.db(), s.states[from]);
      p.add(s.transactions(from + 1));
      test::UnsyncedEnv disk(posix_env(), attic.path());
      FaultEnv env(disk, k, FaultEnv::Fault::kDead);
      const auto report = p.apply_with(env);
      done = env.effects() < k;
      INFO("effect " << k);
      CHECK(report.ok() == done);
      disk.cut(lost);
      {
        test::SqliteSession db(p.db());
        CHECK(db.value("PRAGMA integrity_check") == "ok");
      }
      const Buffer now = test::read_file(p.db());
      const bool is_old = now == s.states[from];
      const bool is_new = now == s.states[from + 1];
      CHECK((is_new || (is_old && !done)));
    }
  }
}

TEST_CASE("apply: a disk that fills up at any effect leaves the old state, or a journal") {
  const Story& s = story();
  bool done = false;
  for (std::uint64_t k = 1; !done; ++k) {
    Place p;
    test::write_file(p.db(), s.states[0]);
    p.add(s.transactions(1));
    FaultEnv env(posix_env(), k, FaultEnv::Fault::kDiskFull);
    const auto report = p.apply_with(env);
    done = env.effects() < k;
    INFO("effect " << k);
    CHECK(report.ok() == done);
    if (!report) CHECK(report.error().code == Errc::kDiskFull);
    {
      test::SqliteSession db(p.db());
      CHECK(db.value("PRAGMA integrity_check") == "ok");
    }
    const Buffer now = test::read_file(p.db());
    CHECK((now == s.states[0] || now == s.states[1]));
  }
}

TEST_CASE("apply: damage anywhere in a file leaves the database alone") {
  const Story& s = story();
  Place p;
  test::write_file(p.db(), s.states[0]);
  const Buffer good = s.transactions(1);
  p.add(good);
  const std::size_t step = good.size() / 40 + 1;
  for (std::size_t i = 0; i < good.size(); i += i < 110 || i + 60 > good.size() ? 3 : step) {
    Buffer bad = good;
    bad[i] ^= std::byte{4};
    test::write_file(p.paths[0], bad);
    INFO("offset " << i);
    const auto report = p.apply();
    if (report) {  // a flip that changes no content
      CHECK(test::read_file(p.db()) == s.states[1]);
      test::write_file(p.db(), s.states[0]);
      continue;
    }
    const Errc code = report.error().code;
    CHECK((code == Errc::kCorrupt || code == Errc::kBrokenChain || code == Errc::kUnsupported ||
           code == Errc::kUsage || code == Errc::kExists));
    CHECK(test::read_file(p.db()) == s.states[0]);
    test::write_file(p.paths[0], Bytes(good).first(i));
    REQUIRE_FALSE(p.apply());
    CHECK(p.clean());
  }
}

}  // namespace litetool
