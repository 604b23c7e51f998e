#include "soak/workload.h"

#include <unistd.h>

#include "soak/copies.h"
#include "soak/shield.h"

namespace litetool::soak {
namespace {

constexpr const char* kModes[] = {"DELETE", "TRUNCATE", "PERSIST", "WAL", "WAL"};
constexpr const char* kSynchronous[] = {"OFF", "NORMAL", "FULL", "EXTRA"};
constexpr int kPageSizes[] = {512, 1024, 4096, 4096, 16384, 65536};
constexpr int kMostBytes = 1'500'000;

std::string generated(int rows, const std::string& insert) {
  return "WITH RECURSIVE g(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM g WHERE x<" +
         std::to_string(rows) + ") " + insert + " FROM g";
}

}  // namespace

std::string Workload::blob(int most) {
  return "randomblob(" + std::to_string(1 + chance_.below(most)) + ")";
}

std::string Workload::change() {
  switch (chance_.below(8)) {
    case 0:
    case 1:
      return generated(1 + chance_.below(20), "INSERT INTO t(v) SELECT " + blob(400));
    case 2:
    case 3:
      return "UPDATE t SET v=" + blob(900) + " WHERE id%7=" + std::to_string(chance_.below(7));
    case 4:
      return "DELETE FROM t WHERE id%5=" + std::to_string(chance_.below(5));
    case 5:
      return "INSERT INTO t(v) VALUES(" + blob(100'000) + ")";
    case 6:
      return "DELETE FROM t WHERE id>(SELECT max(id) FROM t)-" + std::to_string(chance_.below(40));
    default:
      return "UPDATE t SET v=" + blob(300) + " WHERE id=(SELECT min(id) FROM t)";
  }
}

void Workload::prepare(Session& session) {
  const bool ready =
      value(session.db(), "SELECT count(*) FROM sqlite_schema WHERE name='t'") != "0";
  if (ready) return;
  session.sql("PRAGMA page_size=" + std::to_string(chance_.of(kPageSizes)));
  session.sql("PRAGMA auto_vacuum=" + std::to_string(chance_.below(3)));
  session.sql("CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, v BLOB)");
  session.sql("CREATE INDEX IF NOT EXISTS i ON t(length(v), v)");
}

void Workload::turn(Session& session) {
  session.recover();
  prepare(session);
  if (chance_.one_in(10)) {
    exclusively(session);
  } else {
    for (int left = 1 + chance_.below(8); left > 0; --left) step(session);
  }
  if (chance_.one_in(2)) session.close();
}

void Workload::step(Session& session) {
  switch (chance_.below(40)) {
    case 0:
    case 1:
    case 2:
      return settings(session);
    case 3:
    case 4:
      return switch_mode(session);
    case 5:
    case 6:
    case 7:
      return checkpoint(session);
    case 8:
      return without_journal(session);
    case 9:
      return recreate(session);
    case 10:
      return overwrite(session);
    case 11:
    case 12:
      return copy_about(place_, session, chance_);
    case 13:
    case 14:
      return shrink(session);
    case 15:
      session.close();
      return;
    case 16:
      session.sql("CREATE TABLE IF NOT EXISTS u(x)");
      session.sql(generated(40, "INSERT INTO u SELECT " + blob(700)));
      session.sql("DROP TABLE u");
      return;
    case 17:
      return session.sql("PRAGMA user_version=" + std::to_string(chance_.below(100'000)));
    default:
      return transaction(session);
  }
}

void Workload::settings(Session& session) {
  static constexpr int kCaches[] = {3, 10, 100, 2000};
  static constexpr int kLimits[] = {-1, 0, 4096, 40'000};
  static constexpr int kCheckpoints[] = {1, 10, 100, 1000};
  exec(session.db(), std::string("PRAGMA synchronous=") + chance_.of(kSynchronous));
  exec(session.db(), "PRAGMA cache_size=" + std::to_string(chance_.of(kCaches)));
  exec(session.db(), "PRAGMA journal_size_limit=" + std::to_string(chance_.of(kLimits)));
  exec(session.db(), "PRAGMA secure_delete=" + std::to_string(chance_.below(2)));
  exec(session.db(), "PRAGMA mmap_size=" + std::to_string(chance_.below(2) * 1'000'000));
  // May checkpoint, and a checkpoint changes no state.
  exec(session.db(), "PRAGMA wal_autocheckpoint=" + std::to_string(chance_.of(kCheckpoints)));
}

void Workload::transaction(Session& session) {
  if (chance_.one_in(2)) return session.sql(change());
  std::string text = "BEGIN;";
  for (int left = chance_.below(4); left >= 0; --left) {
    text += change() + ";";
    if (!chance_.one_in(3)) continue;
    text += "SAVEPOINT s;" + change() + ";" + change() + ";";
    text += chance_.one_in(2) ? "ROLLBACK TO s;RELEASE s;" : "RELEASE s;";
  }
  session.sql(text + (chance_.one_in(4) ? "ROLLBACK" : "COMMIT"));
}

void Workload::switch_mode(Session& session) {
  const std::string mode = chance_.of(kModes);
  session.close_reader();  // else WAL mode is never left
  sqlite3_busy_timeout(session.db(), 20);
  session.sql("PRAGMA journal_mode=" + mode);
  sqlite3_busy_timeout(session.db(), 20'000);
}

void Workload::checkpoint(Session& session) {
  static constexpr const char* kKinds[] = {"PASSIVE", "FULL", "RESTART", "TRUNCATE"};
  sqlite3_busy_timeout(session.db(), 20);
  session.sql(std::string("PRAGMA wal_checkpoint(") + chance_.of(kKinds) + ")");
  sqlite3_busy_timeout(session.db(), 20'000);
}

void Workload::shrink(Session& session) {
  const int bytes = std::stoi(value(session.db(), "PRAGMA page_count")) *
                    std::stoi(value(session.db(), "PRAGMA page_size"));
  if (bytes > kMostBytes) session.sql("DELETE FROM t WHERE id%4<>0");
  if (chance_.one_in(2)) {
    return session.sql("PRAGMA incremental_vacuum(" + std::to_string(chance_.below(20)) + ")");
  }
  if (chance_.one_in(3)) {
    exec(session.db(), "PRAGMA page_size=" + std::to_string(chance_.of(kPageSizes)));
    session.sql("PRAGMA auto_vacuum=" + std::to_string(chance_.below(3)));
  }
  session.sql("VACUUM");
}

void Workload::exclusively(Session& session) {
  if (!session.close_and_be_alone()) return;
  session.open_exclusively();
  exec(session.db(), std::string("PRAGMA synchronous=") + chance_.of(kSynchronous));
  for (int left = 1 + chance_.below(10); left > 0; --left) {
    chance_.one_in(5) ? checkpoint(session) : transaction(session);
  }
  session.close();
  session.share();
}

void Workload::without_journal(Session& session) {
  static constexpr const char* kNone[] = {"MEMORY", "OFF"};
  const Shield shield(place_);
  if (!shield.held() || !session.close_and_be_alone()) return;
  session.sql("PRAGMA journal_mode=DELETE");
  session.sql(std::string("PRAGMA journal_mode=") + chance_.of(kNone));
  exec(session.db(), std::string("PRAGMA synchronous=") + chance_.of(kSynchronous));
  for (int left = 1 + chance_.below(4); left > 0; --left) session.sql(change());
  session.close();
  session.share();
}

void Workload::recreate(Session& session) {
  const Shield shield(place_);
  if (!shield.held() || !session.close_and_be_alone()) return;
  settle_files(session);
  session.once("unlink", [&] { ::unlink(session.path().c_str()); });
  session.close();
  session.share();
  prepare(session);
}

void Workload::overwrite(Session& session) {
  const Shield shield(place_);
  if (!shield.held() || !session.close_and_be_alone()) return;
  settle_files(session);
  replace_by_copy(place_, session, chance_);
  session.close();
  session.share();
  prepare(session);
}

void Workload::pair(Session& first, Session& second) {
  first.recover();
  second.recover();
  prepare(first);
  prepare(second);
  const std::string attach = "ATTACH '" + second.path() + "' AS other";
  second.begin("by " + first.name());
  first.once("with " + second.name(), [&] {
    exec(first.db(), attach);
    std::string text = "BEGIN;" + change() + ";";
    text += generated(1 + chance_.below(9), "INSERT INTO other.t(v) SELECT " + blob(500)) + ";";
    exec(first.db(), text + (chance_.one_in(5) ? "ROLLBACK" : "COMMIT"));
  });
  try {
    exec(first.db(), "DETACH other");
  } catch (const SqlError&) {
    first.close();  // it was not attached, or is still busy there
  }
  second.record("with " + first.name());
}

void Workload::leave_in_the_middle(Session& session) {
  session.recover();
  prepare(session);
  exec(session.db(), "PRAGMA cache_size=3");
  session.begin("in the middle of a transaction");
  exec(session.db(), "BEGIN;" + change() + ";" + change());
}

}  // namespace litetool::soak
