// How long after its commit a transaction is in the history: the position file beside the database
// says which ones are.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <thread>
#include <vector>

#include "tests/bench/client/database.h"
#include "tests/bench/client/workloads.h"

namespace bench {
namespace {

using Micros = std::chrono::duration<double, std::micro>;

struct Seen {
  Clock::time_point when;
  std::uint64_t txid;
};

// 0 while there is no history.
std::uint64_t position(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  char text[64] = {};
  if (fd >= 0) {
    if (::read(fd, text, sizeof text - 1) < 0) text[0] = 0;
    ::close(fd);
  }
  return std::strtoull(text, nullptr, 16);
}

// Waits until the set-up is captured: the position stays for a while.
std::uint64_t settled_position(const std::string& path) {
  std::uint64_t last = 0;
  int same = 0;
  for (int tries = 0; same < 50; ++tries) {
    if (tries == 3000) die(nullptr, path + " does not settle");
    const std::uint64_t now = position(path);
    same = now != 0 && now == last ? same + 1 : 0;
    last = now;
    ::usleep(10000);
  }
  return last;
}

void watch_position(const std::string& path, const std::atomic<bool>& stop,
                    std::vector<Seen>& seen) {
  std::uint64_t last = 0;
  while (!stop) {
    const std::uint64_t now = position(path);
    if (now != last) seen.push_back({Clock::now(), now});
    last = now;
    ::usleep(200);
  }
}

std::vector<double> lags(const std::vector<Clock::time_point>& commits, std::uint64_t base,
                         const std::vector<Seen>& seen) {
  std::vector<double> micros;
  auto at = seen.begin();
  for (std::size_t i = 0; i < commits.size(); ++i) {
    while (at != seen.end() && at->txid < base + i + 1) ++at;
    if (at == seen.end()) die(nullptr, "a transaction was not captured within 30 s");
    micros.push_back(std::max(0.0, Micros(at->when - commits[i]).count()));
  }
  return micros;
}

}  // namespace

void lag(const Run& run) {
  constexpr int kRows = 50000, kBlobBytes = 100, kPauseMicros = 1000;
  const bool paced = run.test.ends_with("paced");
  const std::string path = run.folder + "/lag.db", position_file = path + "-pos";
  remove_database(path);
  Random random;
  Database db(path);
  db.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF");
  populate(db, kRows, kBlobBytes, random);
  db.execute("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA synchronous=NORMAL");
  const std::uint64_t base = settled_position(position_file);
  Table table(db, kBlobBytes, random);
  std::vector<Clock::time_point> commits;
  std::vector<Seen> seen;
  std::atomic<bool> stop{false};
  std::thread watcher([&] { watch_position(position_file, stop, seen); });
  const auto start = Clock::now();
  while (std::chrono::duration<double>(Clock::now() - start).count() < run.seconds) {
    table.update(random.up_to(kRows));
    commits.push_back(Clock::now());
    if (paced) ::usleep(kPauseMicros);
  }
  for (int i = 0; i < 3000 && position(position_file) < base + commits.size(); ++i) ::usleep(10000);
  ::usleep(10000);
  stop = true;
  watcher.join();
  print_figures(run.test, run.seconds, 1, lags(commits, base, seen));
}

}  // namespace bench
