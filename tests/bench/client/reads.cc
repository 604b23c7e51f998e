// Workloads that read a large database, and those that open one.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>

#include "tests/bench/client/database.h"
#include "tests/bench/client/workloads.h"

namespace bench {
namespace {

constexpr int kRows = 600000, kBlobBytes = 400;

bool has(const std::string& test, const char* part) {
  return test.find(part) != std::string::npos;
}

// The large database of the test's mode, made when it is not there yet.
std::string large_database(const Run& run) {
  const bool wal = !has(run.test, "_del");
  const std::string path = run.folder + (wal ? "/bigw.db" : "/bigd.db");
  if (::access(path.c_str(), F_OK) == 0) return path;
  Random random;
  Database db(path);
  db.execute(wal ? "PRAGMA journal_mode=WAL" : "PRAGMA journal_mode=DELETE");
  db.execute("PRAGMA synchronous=OFF");
  populate(db, kRows, kBlobBytes, random);
  if (wal) db.execute("PRAGMA wal_checkpoint(TRUNCATE)");
  return path;
}

void warm(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  std::string block(1 << 20, 0);
  while (::read(fd, block.data(), block.size()) > 0) {
  }
  ::close(fd);
}

// A connection that keeps a frame in the WAL, so that readers look there.
std::unique_ptr<Database> keep_frame(const std::string& path) {
  auto db = std::make_unique<Database>(path);
  db->execute("PRAGMA wal_autocheckpoint=0");
  db->execute("UPDATE t SET v=randomblob(400) WHERE id=1");
  return db;
}

}  // namespace

void reads(const Run& run) {
  const std::string path = large_database(run);
  warm(path);
  const std::unique_ptr<Database> other = has(run.test, "_ne") ? keep_frame(path) : nullptr;
  Database db(path);
  if (has(run.test, "_mm")) db.execute("PRAGMA mmap_size=1073741824");
  const bool one_transaction = has(run.test, "_txn") || has(run.test, "_mm");
  Random random;
  Statement select(db.handle(), "SELECT length(v) FROM t WHERE id=?1");
  if (one_transaction) db.execute("BEGIN");
  Stopwatch watch;
  watch.repeat(run.seconds, [&] {
    select.bind(1, random.up_to(kRows));
    if (select.run() != kBlobBytes) die(nullptr, "another row than was written");
  });
  watch.print(run.test);
  if (one_transaction) db.execute("COMMIT");
}

void scans(const Run& run) {
  const std::string path = large_database(run);
  warm(path);
  Database db(path);
  if (has(run.test, "_mm")) db.execute("PRAGMA mmap_size=1073741824");
  Statement scan(db.handle(), "SELECT count(*), sum(length(v)), max(v) FROM t");
  struct stat st {};
  if (::stat(path.c_str(), &st) != 0) die(nullptr, path);
  Stopwatch watch;
  watch.repeat(run.seconds, [&] {
    if (scan.run() != kRows) die(nullptr, "rows are missing");
  });
  watch.print(run.test, static_cast<double>(st.st_size));
}

void opens(const Run& run) {
  const std::string path = large_database(run);
  Stopwatch watch;
  watch.repeat(run.seconds, [&] {
    Database db(path);
    if (db.value("SELECT length(v) FROM t WHERE id=77") != kBlobBytes) die(nullptr, "no row 77");
  });
  watch.print(run.test);
}

}  // namespace bench
