// Databases that only stand there: what litetool costs while nothing happens.
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <thread>
#include <vector>

#include "tests/bench/client/database.h"
#include "tests/bench/client/workloads.h"

namespace bench {
namespace {

int number_in(const std::string& test) {
  return std::atoi(test.c_str() + test.find_last_of('_') + 1);
}

// As many as the test's name says, in WAL mode, each with a row.
std::vector<std::unique_ptr<Database>> open_databases(const Run& run, const std::string& name) {
  std::vector<std::unique_ptr<Database>> open;
  for (int i = 0; i < number_in(run.test); ++i) {
    auto& db = open.emplace_back(
        std::make_unique<Database>(run.folder + "/" + name + std::to_string(i) + ".db"));
    db->execute(
        "PRAGMA journal_mode=WAL; CREATE TABLE IF NOT EXISTS t(a); INSERT INTO t VALUES (1)");
  }
  return open;
}

void wait_for_end_of_input(const Run& run) {
  std::printf("{\"test\":\"%s\"}\n", run.test.c_str());
  std::fflush(stdout);
  char byte = 0;
  while (::read(0, &byte, 1) > 0) {
  }
}

}  // namespace

void hold(const Run& run) {
  const auto open = open_databases(run, "idle");
  wait_for_end_of_input(run);
}

void busy(const Run& run) {
  constexpr auto kPause = std::chrono::milliseconds(1);
  const auto open = open_databases(run, "busy");
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    while (!stop) {
      for (const auto& db : open) db->execute("UPDATE t SET a = a + 1 WHERE rowid = 1");
      std::this_thread::sleep_for(kPause);
    }
  });
  wait_for_end_of_input(run);
  stop = true;
  writer.join();
}

void tiny_pages(const Run& run) {
  Random random;
  Database db(run.folder + "/tiny.db");
  db.execute("PRAGMA page_size=512; PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF");
  populate(db, number_in(run.test), 400, random);  // one row of 400 bytes fills a page of 512
  db.execute("PRAGMA wal_checkpoint(TRUNCATE)");
  wait_for_end_of_input(run);
}

}  // namespace bench
