// Workloads that write: commits, bulk load, VACUUM.
#include <array>
#include <utility>

#include "tests/bench/client/database.h"
#include "tests/bench/client/workloads.h"

namespace bench {
namespace {

constexpr int kRows = 50000, kBlobBytes = 100, kWarmUp = 20;

std::string journal_mode(const std::string& test) {
  constexpr std::array<std::pair<const char*, const char*>, 4> kModes = {
      {{"wal", "WAL"}, {"del", "DELETE"}, {"trunc", "TRUNCATE"}, {"pers", "PERSIST"}}};
  for (const auto& [name, mode] : kModes) {
    if (test.find(name) != std::string::npos) return mode;
  }
  die(nullptr, "no journal mode in " + test);
}

}  // namespace

void commits(const Run& run) {
  const std::string path = run.folder + "/w.db";
  remove_database(path);
  {
    Random random;
    Database db(path);
    const std::string mode = journal_mode(run.test);
    db.execute("PRAGMA journal_mode=" + mode + "; PRAGMA synchronous=OFF");
    populate(db, kRows, kBlobBytes, random);
    if (mode == "WAL") db.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    db.execute("PRAGMA synchronous=" + run.test.substr(run.test.find('_') + 1));
    Table table(db, kBlobBytes, random);
    bool insert = false;
    const auto commit = [&] {
      insert ? table.insert() : table.update(random.up_to(kRows));
      insert = !insert;
    };
    for (int i = 0; i < kWarmUp; ++i) commit();
    Stopwatch watch;
    watch.repeat(run.seconds, commit);
    if (db.value("SELECT count(*) FROM t") != kRows + table.inserted()) {
      die(nullptr, "rows are missing");
    }
    watch.print(run.test);
  }
  remove_database(path);
}

void bulk(const Run& run) {
  constexpr int kBulkRows = 1000000;
  const std::string path = run.folder + "/w.db";
  remove_database(path);
  {
    Random random;
    Database db(path);
    const bool wal = journal_mode(run.test) == "WAL";
    db.execute("PRAGMA journal_mode=" + journal_mode(run.test));
    db.execute(wal ? "PRAGMA synchronous=NORMAL" : "PRAGMA synchronous=FULL");
    Stopwatch watch;
    populate(db, kBulkRows, kBlobBytes, random);
    watch.lap();
    watch.print(run.test, kBulkRows);
  }
  remove_database(path);
}

void vacuum(const Run& run) {
  const std::string path = run.folder + "/w.db";
  remove_database(path);
  {
    Random random;
    Database db(path);
    db.execute("PRAGMA journal_mode=" + journal_mode(run.test) + "; PRAGMA synchronous=OFF");
    populate(db, 600000, 400, random);
  }
  {
    Database db(path);
    db.execute("PRAGMA synchronous=NORMAL");
    Stopwatch watch;
    db.execute("VACUUM");
    watch.lap();
    watch.print(run.test);
  }
  remove_database(path);
}

}  // namespace bench
