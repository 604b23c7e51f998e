#include "soak/free_work.h"

#include <fcntl.h>
#include <unistd.h>

#include "soak/sql.h"

namespace litetool::soak {
namespace {

void prepare(sqlite3* db) {
  exec(db, "BEGIN IMMEDIATE");
  exec(db,
       "CREATE TABLE IF NOT EXISTS entries(n INTEGER PRIMARY KEY, how TEXT);"
       "CREATE TABLE IF NOT EXISTS stuff(id INTEGER PRIMARY KEY, v BLOB);"
       "CREATE INDEX IF NOT EXISTS stuff_v ON stuff(v)");
  exec(db, "COMMIT");
}

void settings(sqlite3* db, Chance& chance) {
  static constexpr const char* kSynchronous[] = {"OFF", "NORMAL", "FULL"};
  static constexpr const char* kModes[] = {"DELETE", "TRUNCATE", "PERSIST", "WAL", "WAL", "WAL"};
  static constexpr int kCheckpoints[] = {1, 30, 1000};
  exec(db, std::string("PRAGMA synchronous=") + chance.of(kSynchronous));
  exec(db, "PRAGMA cache_size=" + std::to_string(5 + 50 * chance.below(5)));
  exec(db, "PRAGMA wal_autocheckpoint=" + std::to_string(chance.of(kCheckpoints)));
  if (chance.one_in(4)) exec(db, std::string("PRAGMA journal_mode=") + chance.of(kModes));
}

void add_entry(sqlite3* db, Chance& chance, int acknowledged) {
  exec(db, "BEGIN IMMEDIATE");
  const std::string how = value(db, "PRAGMA journal_mode") + " " + value(db, "PRAGMA synchronous");
  exec(db, "INSERT INTO entries VALUES((SELECT ifnull(max(n),0)+1 FROM entries), '" + how + "')");
  const std::string n = value(db, "SELECT max(n) FROM entries");
  exec(db, "DELETE FROM stuff WHERE id%20=" + std::to_string(chance.below(20)));
  for (int left = chance.below(6); left > 0; --left) {
    exec(db, "INSERT INTO stuff(v) VALUES(randomblob(" + std::to_string(chance.below(3000)) + "))");
  }
  if (chance.one_in(8)) {
    exec(db, "ROLLBACK");
    return;
  }
  exec(db, "COMMIT");
  const std::string line = n + "\n";
  if (::write(acknowledged, line.data(), line.size()) < 0) throw SqlError(SQLITE_IOERR, "write");
}

void read_it(sqlite3* db, Chance& chance) {
  exec(db, "BEGIN");
  if (value(db, "SELECT count(*)=ifnull(max(n),0) FROM entries") != "1") {
    throw SqlError(SQLITE_CORRUPT, "a reader sees a torn state");
  }
  if (chance.one_in(3)) ::usleep(static_cast<useconds_t>(chance.below(8000)));
  const std::string sound = value(db, "PRAGMA quick_check(1)");
  const bool unreadable = sound.find("unable to get the page") != std::string::npos ||
                          sound.find("failed to get page") != std::string::npos;
  if (sound != "ok") throw SqlError(unreadable ? SQLITE_IOERR : SQLITE_CORRUPT, sound);
  exec(db, "COMMIT");
}

void step(Connection& db, const std::string& path, Chance& chance, int acknowledged) {
  static constexpr const char* kKinds[] = {"PASSIVE", "FULL", "RESTART", "TRUNCATE"};
  if (chance.one_in(30)) db.reset();
  if (db == nullptr) {
    db = open_database(path);
    sqlite3_busy_timeout(db.get(), 100 + chance.below(2000));
    prepare(db.get());
    settings(db.get(), chance);
  }
  if (chance.one_in(12)) {
    exec(db.get(), std::string("PRAGMA wal_checkpoint(") + chance.of(kKinds) + ")");
  }
  if (chance.one_in(25)) settings(db.get(), chance);
  if (chance.one_in(60)) exec(db.get(), "VACUUM");
  chance.one_in(5) ? read_it(db.get(), chance) : add_entry(db.get(), chance, acknowledged);
}

}  // namespace

void work_freely(const Place& place, const std::string& database, std::uint64_t seed,
                 const std::atomic<bool>& stop) {
  Chance chance(seed);
  Connection db;
  const int acknowledged = ::open((place.stem(database) + ".acknowledged").c_str(),
                                  O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  while (!stop) {
    try {
      step(db, place.file(database), chance, acknowledged);
    } catch (const SqlError& e) {
      if (!e.busy()) throw;
      if (db != nullptr && sqlite3_get_autocommit(db.get()) == 0) exec(db.get(), "ROLLBACK");
    }
  }
  ::close(acknowledged);
}

}  // namespace litetool::soak
