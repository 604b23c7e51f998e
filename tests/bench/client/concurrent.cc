// Two writers and two readers, each a process: the sum over all rows is always 0.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <vector>

#include "tests/bench/client/database.h"
#include "tests/bench/client/workloads.h"

namespace bench {
namespace {

constexpr int kAccounts = 2000, kWriters = 2, kReaders = 2;

void make_accounts(const std::string& path) {
  remove_database(path);
  Database db(path);
  db.execute(
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
      "CREATE TABLE a(id INTEGER PRIMARY KEY, x INTEGER, pad BLOB);"
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < " +
      std::to_string(kAccounts) + ") INSERT INTO a SELECT i, 0, zeroblob(200) FROM n");
}

std::size_t write_transfers(const std::string& path, double seconds, int worker) {
  Random random;
  for (int i = 0; i < worker * 100; ++i) random.next();
  Database db(path);
  db.execute("PRAGMA synchronous=NORMAL");
  Statement begin(db.handle(), "BEGIN IMMEDIATE"), commit(db.handle(), "COMMIT");
  Statement add(db.handle(), "UPDATE a SET x = x + ?1 WHERE id = ?2");
  Stopwatch watch;
  watch.repeat(seconds, [&] {
    const std::int64_t amount = random.up_to(100) - 1;
    begin.run();
    for (const std::int64_t sign : {1, -1}) {
      add.bind(1, sign * amount);
      add.bind(2, random.up_to(kAccounts));
      add.run();
    }
    commit.run();
  });
  return watch.count();
}

std::size_t read_sums(const std::string& path, double seconds) {
  Database db(path);
  Statement sum(db.handle(), "SELECT sum(x) FROM a");
  Stopwatch watch;
  watch.repeat(seconds, [&] {
    if (sum.run() != 0) die(nullptr, "a reader saw half of a transaction");
  });
  return watch.count();
}

// Starts a process that writes its count to `pipe_end` when it has finished.
pid_t start(const Run& run, const std::string& path, int worker, int pipe_end) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  const std::size_t done =
      worker < kWriters ? write_transfers(path, run.seconds, worker) : read_sums(path, run.seconds);
  const std::size_t counts[2] = {worker < kWriters ? done : 0, worker < kWriters ? 0 : done};
  std::_Exit(::write(pipe_end, counts, sizeof counts) == sizeof counts ? 0 : 1);
}

void print_rate(const char* test, std::size_t count, double seconds) {
  std::printf(
      "{\"test\":\"%s\",\"count\":%zu,\"seconds\":%.6f,\"per_s\":%.3f,\"p50_us\":0,\"p99_us\":0}\n",
      test, count, seconds, static_cast<double>(count) / seconds);
}

}  // namespace

void concurrent(const Run& run) {
  const std::string path = run.folder + "/c.db";
  make_accounts(path);
  int ends[2];
  if (::pipe(ends) != 0) die(nullptr, "pipe");
  std::fflush(stdout);
  std::vector<pid_t> workers;
  for (int i = 0; i < kWriters + kReaders; ++i) workers.push_back(start(run, path, i, ends[1]));
  std::size_t written = 0, read = 0;
  for (const pid_t worker : workers) {
    int status = 0;
    if (::waitpid(worker, &status, 0) != worker || status != 0) die(nullptr, "a process failed");
    std::size_t counts[2];
    if (::read(ends[0], counts, sizeof counts) != sizeof counts) die(nullptr, "pipe");
    written += counts[0];
    read += counts[1];
  }
  ::close(ends[0]);
  ::close(ends[1]);
  {
    Database db(path);
    if (db.value("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'") !=
            0 ||
        db.value("SELECT sum(x) FROM a") != 0) {
      die(nullptr, "the database is damaged");
    }
  }
  remove_database(path);
  print_rate("conc_writers", written, run.seconds);
  print_rate("conc_readers", read, run.seconds);
}

}  // namespace bench
