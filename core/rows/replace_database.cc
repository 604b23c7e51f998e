#include "core/rows/replace_database.h"

#include <sqlite3.h>

#include <algorithm>
#include <memory>

#include "core/ltx/database_lock.h"

namespace litetool {
namespace {

constexpr int kStepsAtOnce = 100'000;  // of SQLite's virtual machine, between two looks at the job

struct CloseConnection {
  void operator()(sqlite3* db) const { sqlite3_close(db); }
};
using Connection = std::unique_ptr<sqlite3, CloseConnection>;

struct FinishBackup {
  void operator()(sqlite3_backup* backup) const { sqlite3_backup_finish(backup); }
};

Error failed(const std::string& path, int rc, sqlite3* db) {
  const std::string says = path + ": " + sqlite3_errmsg(db);
  switch (rc & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {Errc::kCorrupt, says};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {Errc::kTimeout, path + " is in use and its clients do not let go of it; try again"};
    case SQLITE_FULL:
      return {Errc::kDiskFull, says};
    case SQLITE_IOERR:
      return {Errc::kStorage, says};
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
      return {Errc::kDenied, says};
    case SQLITE_READONLY:
      return {Errc::kUnsupported,
              path +
                  " is in WAL mode and its page size is another one, or it is read-only (turn to "
                  "'PRAGMA journal_mode = delete' first)"};
    default:
      return {Errc::kFailed, says};
  }
}

Result<Connection> open(const std::string& path, int flags) {
  sqlite3* raw = nullptr;
  const int rc = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
  Connection db(raw);
  if (rc != SQLITE_OK) return failed(path, rc, db.get());
  return db;
}

// ATTACH would let a script reach other files.
int allow(void*, int action, const char*, const char*, const char*, const char*) {
  return action == SQLITE_ATTACH || action == SQLITE_DETACH ? SQLITE_DENY : SQLITE_OK;
}

}  // namespace

Status replace_database(const Job& job, const std::string& from, const std::string& path,
                        std::int64_t timeout_ms) {
  LT_ASSIGN(const Connection source, open(from, SQLITE_OPEN_READONLY));
  LT_ASSIGN(const Connection target, open(path, SQLITE_OPEN_READWRITE));
  const std::unique_ptr<sqlite3_backup, FinishBackup> backup(
      sqlite3_backup_init(target.get(), "main", source.get(), "main"));
  if (backup == nullptr) return failed(path, sqlite3_errcode(target.get()), target.get());
  int rc = SQLITE_OK;
  LT_TRY(retry_for(job, timeout_ms, [&]() -> Result<bool> {
    rc = sqlite3_backup_step(backup.get(), -1);
    return rc != SQLITE_BUSY && rc != SQLITE_LOCKED;
  }));
  if (rc == SQLITE_DONE) return {};
  const Error error = failed(path, rc, target.get());
  return Error(error.code, error.code == Errc::kFailed || error.code == Errc::kCorrupt
                               ? path + ": " + sqlite3_errstr(rc)
                               : error.message);
}

Status run_script(const Job& job, const std::string& path, std::string_view sql) {
  LT_ASSIGN(const Connection db, open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
  // Nobody sees the file before it is done, and a crash leaves nothing that anybody would use.
  for (const char* const fast : {"PRAGMA journal_mode = off", "PRAGMA synchronous = off"}) {
    const int rc = sqlite3_exec(db.get(), fast, nullptr, nullptr, nullptr);
    if (rc != SQLITE_OK) return failed(path, rc, db.get());
  }
  sqlite3_set_authorizer(db.get(), allow, nullptr);
  const auto is_stopped = [](void* of) {
    return static_cast<const Job*>(of)->check().ok() ? 0 : 1;
  };
  sqlite3_progress_handler(db.get(), kStepsAtOnce, is_stopped, const_cast<Job*>(&job));
  const char* at = sql.data();
  const char* const end = at + sql.size();
  const auto fail = [&](const char* where) {
    const auto line = std::count(sql.data(), where, '\n') + 1;
    return Error(Errc::kFailed, "line " + std::to_string(line) + ": " + sqlite3_errmsg(db.get()));
  };
  while (at < end) {
    sqlite3_stmt* statement = nullptr;
    const char* next = nullptr;
    const auto size = static_cast<int>(std::min<std::ptrdiff_t>(end - at, 1'000'000'000));
    if (sqlite3_prepare_v2(db.get(), at, size, &statement, &next) != SQLITE_OK) return fail(at);
    int rc = SQLITE_DONE;
    while (statement != nullptr && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
    }
    const Error error = fail(at);
    sqlite3_finalize(statement);
    LT_TRY(job.check());
    if (rc != SQLITE_DONE) return error;
    if (next == at) break;
    at = next;
  }
  if (sqlite3_get_autocommit(db.get()) == 0) {
    return Error(Errc::kFailed, "the script ends within a transaction (is it cut off?)");
  }
  return {};
}

}  // namespace litetool
