// Whatever fails, and whenever: the next start finds a history without a wrong image, from which
// nothing that was published has vanished, and brings it to the state of the database.
#include <catch2/catch.hpp>
#include <filesystem>

#include "core/history/history_reader.h"
#include "core/history/replay.h"
#include "tests/core/capture/stage.h"
#include "tests/support/trouble.h"

namespace litetool::test {
namespace {

using Fault = FaultEnv::Fault;

constexpr std::int64_t kLongerThanASegmentMs = 25 * 3'600'000;

struct Scenario {
  const char* name;
  std::function<void(Stage&)> prepare;
  // Under an Env whose effects may fail.
  std::function<void(Stage&, UnsyncedEnv&, Run&)> act;
  const char* boot = nullptr;  // of the run of the machine that acts; null: the real one
};

constexpr const char* kMakeWal =
    "PRAGMA page_size=512; PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0;"
    "CREATE TABLE t(x)";
constexpr const char* kMakeRollback = "PRAGMA page_size=512; CREATE TABLE t(x)";
constexpr const char* kInsert = "INSERT INTO t VALUES(randomblob(3000))";
constexpr const char* kInsertMore = "INSERT INTO t VALUES(randomblob(50000))";
constexpr const char* kUpdate = "UPDATE t SET x=randomblob(2000)";

void nothing_more(Stage&, UnsyncedEnv&, Run&) {}

void with_history(Stage& stage, const char* make, bool ends_well) {
  stage.client(make);
  stage.daemon(ends_well, [&](Run& run) {
    stage.client(run, kInsert);
    stage.client(run, kInsert);
    stage.client(run, kUpdate);
    if (ends_well) stage.close_client();
  });
}

const std::vector<Scenario>& scenarios() {
  static const std::vector<Scenario> all = {
      {"adoption of a WAL database",
       [](Stage& s) {
         s.client(kMakeWal);
         s.client(kInsert);
       },
       nothing_more},
      {"adoption of a rollback database",
       [](Stage& s) {
         s.client(kMakeRollback);
         s.client(kInsert);
       },
       nothing_more},
      {"adoption and commits after it", [](Stage& s) { s.client(kMakeWal); },
       [](Stage& s, UnsyncedEnv&, Run& run) {
         s.publish(run);
         s.client(run, kInsert);
         s.client(run, kUpdate);
       }},
      {"a start after a clean stop", [](Stage& s) { with_history(s, kMakeWal, true); },
       nothing_more},
      {"commits in the log since a daemon was killed",
       [](Stage& s) {
         with_history(s, kMakeWal, false);
         s.client(kInsert);
         s.client(kUpdate);
       },
       nothing_more},
      {"changes that no source explains",
       [](Stage& s) {
         with_history(s, kMakeRollback, false);
         s.client(kInsert);
         s.client(kUpdate);
       },
       nothing_more},
      {"a damaged history",
       [](Stage& s) {
         s.client(kMakeRollback);
         s.client(kInsert);
         std::size_t base = 0;
         s.daemon(false, [&](Run& run) {
           base = std::filesystem::file_size(s.segment());
           s.client(run, "INSERT INTO t VALUES(1)");
         });
         s.client("UPDATE t SET x=2 WHERE x=1");
         Buffer bytes = read_file(s.segment());
         bytes[base / 2] ^= std::byte{0x10};  // in a page that no later image has
         write_file(s.segment(), bytes);
         s.distrust(bytes);
       },
       nothing_more},
      {"a torn tail",
       [](Stage& s) {
         with_history(s, kMakeWal, false);
         std::filesystem::resize_file(s.segment(), std::filesystem::file_size(s.segment()) - 9);
         s.distrust(read_file(s.segment()));
       },
       nothing_more},
      {"a database that was removed",
       [](Stage& s) {
         with_history(s, kMakeRollback, true);
         std::filesystem::remove(s.file(s.name));
         s.is_true_now();
       },
       nothing_more},
      {"WAL commits, a checkpoint and a clean stop",
       [](Stage& s) { with_history(s, kMakeWal, true); },
       [](Stage& s, UnsyncedEnv&, Run& run) {
         const auto database = run.database(s.name);
         s.client(run, kInsert);
         s.client(run, kUpdate);
         database->opened(FileRole::kWal, 1, false);
         database->before_sync(FileRole::kDatabase);
         s.publish(run);
         if (s.is_dead()) return;
         database->before_resize(FileRole::kWal, 0);
         if (s.is_dead()) return;
         s.client("PRAGMA wal_checkpoint(TRUNCATE)");
         database->after_resize(FileRole::kDatabase, 0);
         database->closed(FileRole::kWal, 1);
         s.client(run, kInsert);
         s.close_client();
         run.stop();
       }},
      {"rollback commits and a clean stop", [](Stage& s) { with_history(s, kMakeRollback, true); },
       [](Stage& s, UnsyncedEnv&, Run& run) {
         s.client(run, kInsert);
         s.client(run, kUpdate);
         s.close_client();
         run.stop();
       }},
      {"rollback commits of which the history is in the redo log",
       [](Stage& s) { with_history(s, kMakeRollback, true); },
       [](Stage& s, UnsyncedEnv&, Run& run) {
         for (int i = 0; i < 6; ++i) s.client(run, kInsert);
         for (int i = 0; i < 6; ++i) s.client(run, kInsertMore);  // it is full, and begins anew
         s.client(run, kUpdate);                                  // too much for it
         s.client(run, kInsertMore);
         s.client(run, kInsert);
       }},
      {"the same without a redo log", [](Stage& s) { with_history(s, kMakeRollback, true); },
       [](Stage& s, UnsyncedEnv& env, Run& run) {
         env.has_direct = false;
         for (int i = 0; i < 6; ++i) s.client(run, kInsert);
         s.client(run, kUpdate);
       }},
      {"journals are truncated",
       [](Stage& s) {
         s.journal_end = JournalEnd::kTruncated;
         with_history(s, kMakeRollback, true);
       },
       [](Stage& s, UnsyncedEnv&, Run& run) {
         for (int i = 0; i < 6; ++i) s.client(run, kInsert);
         s.client(run, kUpdate);
       }},
      {"headers of journals are zeroed",
       [](Stage& s) {
         s.journal_end = JournalEnd::kZeroed;
         with_history(s, kMakeRollback, true);
       },
       [](Stage& s, UnsyncedEnv&, Run& run) {
         for (int i = 0; i < 6; ++i) s.client(run, kInsert);
         s.client(run, kUpdate);
       }},
      {"a commit is prepared twice, with the redo log",
       [](Stage& s) { with_history(s, kMakeRollback, true); },
       [](Stage& s, UnsyncedEnv&, Run& run) {
         for (int i = 0; i < 5; ++i) s.client(run, kInsert);
         s.abandoned(run);
         s.client(run, "INSERT INTO t VALUES(1)");
         s.abandoned(run);
         s.client(run, kInsert);
       }},
      {"another page size", [](Stage& s) { with_history(s, kMakeRollback, true); },
       [](Stage& s, UnsyncedEnv&, Run& run) {
         s.client(run, "PRAGMA page_size=1024; VACUUM");
         s.client(run, kInsert);
       }},
      {"a segment is sealed and another begun", [](Stage& s) { with_history(s, kMakeWal, true); },
       [](Stage& s, UnsyncedEnv& env, Run& run) {
         s.client(run, kInsert);
         env.clock_ahead_ms += kLongerThanASegmentMs;
         s.client(run, kInsert);
         s.client(run, kUpdate);
       }},
      {"a database is renamed", [](Stage& s) { with_history(s, kMakeRollback, true); },
       [](Stage& s, UnsyncedEnv&, Run& run) {
         s.client(run, kInsert);
         s.close_client();
         s.rename(run, "app.db", "other.db", [&] { s.name = "other.db"; });
         s.client(run, kUpdate);
       }},
      {"another database takes its name",
       [](Stage& s) {
         with_history(s, kMakeRollback, true);
         SqliteSession(s.file("new-app.db")).exec("CREATE TABLE other(x)");
       },
       [](Stage& s, UnsyncedEnv&, Run& run) {
         s.client(run, kInsert);
         s.close_client();
         s.rename(run, "new-app.db", "app.db", [&] { s.is_true_now(); });
       }},
      {"a database is removed after a commit",
       [](Stage& s) { with_history(s, kMakeRollback, true); },
       [](Stage& s, UnsyncedEnv&, Run& run) {
         s.client(run, kInsert);
         s.close_client();
         const auto database = run.database(s.name);
         database->before_remove(FileRole::kDatabase);
         if (s.is_dead()) return;
         std::filesystem::remove(s.file(s.name));
         s.is_true_now();
         database->after_remove(FileRole::kDatabase, true);
       }},
      {"a database is brought forward",
       [](Stage& s) {
         s.client(kMakeRollback);
         s.client(kInsert);
         const Buffer early = read_file(s.file(s.name));
         s.daemon(false, [&](Run& run) {
           s.publish(run);
           s.client(run, kInsert);
           s.client(run, kUpdate);
         });
         s.close_client();
         write_file(s.file(s.name), early);
       },
       nothing_more, "another run"},
  };
  return all;
}

bool is_one_of(const Buffer& state, const std::vector<Buffer>& truth) {
  return std::ranges::find(truth, state) != truth.end();
}

Result<Buffer> state_of(const HistoryReader& reader, const HistoryImage& image) {
  if (image.commit == 0) return Buffer();
  LT_ASSIGN(const auto chain, reader.chain_to(image.max_txid));
  Buffer state(std::size_t{image.commit} * image.page_size);
  LT_TRY(replay(reader, chain, [&](Pgno pgno, Bytes page, Checksum) -> Status {
    std::ranges::copy(page, state.begin() + static_cast<std::ptrdiff_t>((pgno - 1) * page.size()));
    return {};
  }));
  return state;
}

// All that the history yields, each of them once true: what is damaged has been set aside.
std::vector<Buffer> check_states(const Stage& stage) {
  const auto reader = HistoryReader::open(posix_env(), kCwd, stage.history());
  REQUIRE(reader);
  std::vector<Buffer> states;
  for (const HistoryImage& image : reader->images()) {
    auto state = state_of(*reader, image);
    INFO(image.max_txid.text() << (state ? "" : ": " + state.error().text()));
    CHECK(state);
    const bool right = !state || is_one_of(*state, stage.truth());
    CHECK(right);
    states.push_back(state ? *std::move(state) : Buffer());
  }
  REQUIRE_FALSE(states.empty());
  return states;
}

void check_warnings(const Stage& stage, Run& run) {
  for (const std::string& warning : run.warnings()) {
    INFO(warning);
    const bool names_it = warning.find(stage.name) != std::string::npos ||
                          warning.find("app.db") != std::string::npos;
    CHECK(names_it);
    const bool injected = warning.find("injected") != std::string::npos;
    CHECK((!injected || warning.find('(') != std::string::npos));
  }
}

// The first client looks for what has come into a log since a clean stop.
void open_log(const Stage& stage, Run& run) {
  if (!std::filesystem::exists(stage.file(stage.name + "-wal"))) return;
  const auto database = run.database(stage.name);
  database->opened(FileRole::kWal, 1, false);
  database->catch_up();
  database->closed(FileRole::kWal, 1);
}

// The next start, and one more that finds nothing to do.
void check_next_start(const Stage& stage, const std::string& boot) {
  UnsyncedEnv env(posix_env(), stage.attic());
  env.boot = boot;
  std::size_t states_before = 0;
  for (int start = 0; start < 2; ++start) {
    Run run(stage.data(), env);
    REQUIRE(run.loaded());
    for (const std::string& warning : run.warnings()) UNSCOPED_INFO("next start: " << warning);
    const bool exists = std::filesystem::exists(stage.file(stage.name));
    if (exists) REQUIRE(run.status(stage.name).state == CaptureState::kReady);
    open_log(stage, run);
    const Pos end = run.database(stage.name)->position();
    const std::vector<Buffer> states = check_states(stage);
    const bool ends_at_database =
        states.back() == (exists ? committed_bytes(stage.file(stage.name)) : Buffer());
    CHECK(ends_at_database);
    const bool newest = states.back() == stage.truth().back();
    CHECK(newest);
    CHECK((start == 0 || states.size() == states_before));
    states_before = states.size();
    const auto reader = HistoryReader::open(posix_env(), kCwd, stage.history());
    REQUIRE(reader);
    CHECK(reader->images().back().max_txid == end.txid);
  }
}

// What clients and watchers were told of is still there, the same; under its old name where a
// history could not be renamed.
void check_published(const Stage& stage) {
  std::vector<Pos> all;
  for (const char* name : {"app.db", "other.db"}) {
    const auto reader = HistoryReader::open(posix_env(), kCwd, stage.history_of(name));
    if (!reader) continue;
    for (const HistoryImage& image : reader->images()) all.push_back(image.pos());
  }
  for (const Pos& pos : stage.published()) {
    INFO("published " << pos.txid.text());
    const bool found = std::ranges::find(all, pos) != all.end();
    CHECK(found);
  }
}

// What could not be trusted is in the file that it was in, or set aside: at most cut in two.
void check_kept(const Stage& stage) {
  std::string all;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(stage.history())) {
    if (!entry.is_regular_file()) continue;
    const Buffer bytes = read_file(entry.path());
    all.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  for (const std::string& bytes : stage.distrusted()) {
    bool kept = false;
    for (std::size_t cut = 0; cut <= bytes.size() && !kept; ++cut) {
      kept = all.find(bytes.substr(cut)) != std::string::npos &&
             all.find(bytes.substr(0, cut)) != std::string::npos;
    }
    CHECK(kept);
  }
}

struct CutTrouble : Trouble {
  bool cuts_again = false;
};
std::vector<CutTrouble> all_troubles() {
  std::vector<CutTrouble> all;
  for (const Trouble& once : troubles()) all.push_back({once});
  all.push_back({{"two power cuts take all that is unsynced", Fault::kDead, Lost::kAll}, true});
  all.push_back({{"two power cuts take some unsynced data", Fault::kDead, Lost::kSomeData}, true});
  return all;
}

// The power goes again, while a start makes up for the first cut.
void cut_again(const Stage& stage, const Trouble& trouble, std::uint64_t at) {
  UnsyncedEnv disk(posix_env(), stage.attic());
  disk.boot = "after the cut";
  disk.random.seed(static_cast<std::uint32_t>(at));
  FaultEnv env(disk, at, Fault::kDead);
  {
    Run run(stage.data(), env);
    CHECK(run.loaded());
  }
  disk.cut(trouble.lost);
}

// False when the effect that should have failed did not come any more.
bool play(const Scenario& scenario, const CutTrouble& trouble, std::uint64_t at) {
  Stage stage;
  scenario.prepare(stage);
  UnsyncedEnv disk(posix_env(), stage.attic());
  const std::string boot = *posix_env().boot_id();
  disk.boot = scenario.boot != nullptr ? scenario.boot : boot;
  disk.random.seed(static_cast<std::uint32_t>(at));
  FaultEnv env(disk, at, trouble.fault);
  stage.disk = &env;
  if (trouble.lost != Lost::kNothing) stage.is_dead = [&] { return env.effects() >= at; };
  {
    Run run(stage.data(), env);
    CHECK(run.loaded());
    scenario.act(stage, disk, run);
    check_warnings(stage, run);
    for (const std::string& warning : run.warnings()) UNSCOPED_INFO(warning);
  }
  stage.disk = nullptr;
  disk.cut(trouble.lost);
  if (trouble.cuts_again) cut_again(stage, trouble, 1 + at * 5 % 13);
  check_next_start(stage, trouble.lost == Lost::kNothing ? disk.boot : "after the last cut");
  check_published(stage);
  check_kept(stage);
  return env.effects() >= at;
}

TEST_CASE("whatever effect fails, the next start is right", "[crash]") {
  const CutTrouble trouble = GENERATE(from_range(all_troubles()));
  for (const Scenario& scenario : scenarios()) {
    // Each first cut has another second one.
    for (std::uint64_t at = 1;; at += trouble.cuts_again ? 3 : 1) {
      INFO(scenario.name << ": " << trouble.name << " at effect " << at);
      REQUIRE(at < 300);
      if (!play(scenario, trouble, at)) break;
    }
  }
}

// What the segment lacks after the first cut is in the redo log, which the start works off.
TEST_CASE(
    "whatever effect the power goes at while a redo log is worked off, and again, nothing is lost",
    "[crash]") {
  const CutTrouble trouble = GENERATE(from_range(all_troubles()));
  if (!trouble.cuts_again) return;
  for (std::uint64_t at = 1; at <= 30; ++at) {
    INFO(trouble.name << ", the second at effect " << at);
    Stage stage;
    with_history(stage, kMakeRollback, true);
    UnsyncedEnv disk(posix_env(), stage.attic());
    disk.boot = *posix_env().boot_id();
    stage.disk = &disk;
    {
      Run run(stage.data(), disk);
      REQUIRE(run.loaded());
      for (int i = 0; i < 6; ++i) stage.client(run, kInsert);
    }
    stage.disk = nullptr;
    stage.close_client();
    REQUIRE(std::filesystem::exists(stage.history() + "/" + std::string(kRedoFile)));
    disk.cut(trouble.lost);
    cut_again(stage, trouble, at);
    cut_again(stage, trouble, at * 7 % 30 + 1);
    check_next_start(stage, "after the last cut");
    check_published(stage);
  }
}

// Later starts in the same run of the machine find what the killed one wrote, and it is not on the
// disk: it counts for nothing that they count on.
TEST_CASE("a daemon that was killed at any effect, and then a power cut, lose nothing", "[crash]") {
  const Lost lost = GENERATE(Lost::kNames, Lost::kAll);
  bool died = true;
  for (std::uint64_t at = 1; died; ++at) {
    INFO("killed at effect " << at << ", lost " << static_cast<int>(lost));
    REQUIRE(at < 100);
    Stage stage;
    std::filesystem::create_directories(stage.file(".litetool/db"));  // as a mount does
    stage.client(kMakeRollback);
    stage.client(kInsert);
    const Buffer early = read_file(stage.file(stage.name));
    UnsyncedEnv disk(posix_env(), stage.attic());
    disk.boot = *posix_env().boot_id();
    {
      FaultEnv env(disk, at, Fault::kDead);
      Run run(stage.data(), env);
      CHECK(run.loaded());
      died = env.effects() >= at;
    }
    stage.disk = &disk;
    {
      Run run(stage.data(), disk);
      REQUIRE(run.loaded());
      stage.client(run, kInsert);
      stage.client(run, kUpdate);
    }
    stage.disk = nullptr;
    stage.close_client();
    disk.cut(lost);
    // Where all of the history's data is there, it can give what SQLite may have lost.
    if (lost == Lost::kNames) write_file(stage.file(stage.name), early);
    check_next_start(stage, "after the cut");
    check_published(stage);
  }
}

}  // namespace
}  // namespace litetool::test
