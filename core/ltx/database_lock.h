// SQLite's locks on a database file, taken as an ordinary client takes them.
//
//   offset      bytes  lock
//   0x40000000  1      PENDING: a writer waits for readers to leave, no new ones come in
//   0x40000001  1      RESERVED: a writer is preparing a transaction
//   0x40000002  510    SHARED: read-locked by readers, write-locked by the one writer
//
// In WAL mode every client holds SHARED as long as it has the database open: exclusive() then
// succeeds only when nobody has. Closing a database file drops every lock that a SQLite library of
// the same process holds on it: not for databases that this process has open through SQLite.
#pragma once

#include <cstdint>
#include <string>

#include "core/os/job.h"

namespace litetool {

class DatabaseLock {
 public:
  // `file` is the open database and outlives the lock; `path` is for messages.
  DatabaseLock(const File& file, std::string path) : file_(file), path_(std::move(path)) {}
  DatabaseLock(const DatabaseLock&) = delete;
  DatabaseLock& operator=(const DatabaseLock&) = delete;
  // Releases.
  ~DatabaseLock();

  // No writer is inside while this is held. kTimeout when one does not leave within `timeout_ms`.
  Status shared(const Job& job, std::int64_t timeout_ms);
  // Nobody else reads or writes while this is held. The file must be open for writing.
  Status exclusive(const Job& job, std::int64_t timeout_ms);
  // True when another client holds RESERVED: its journal is then not a hot one.
  Result<bool> reserved_by_other() const;

 private:
  Result<bool> try_shared();
  Result<bool> try_exclusive();

  const File& file_;
  std::string path_;
};

// Whether `path`-journal (relative to `dir`) is there and has not been finalised: SQLite's own
// test, by its first byte. That of a writer at work looks like a hot one.
Result<bool> has_open_journal(Env& env, int dir, const std::string& path);

// kFailed, with what to do, when `path`-journal is hot: a writer died, and the database has to be
// rolled back before anybody may read it. SHARED must be held.
Status refuse_hot_journal(Env& env, const std::string& path, const DatabaseLock& lock);

// Calls `attempt` (Result<bool>()) until it is true; false after `timeout_ms`.
template <typename Attempt>
Result<bool> retry_for(const Job& job, std::int64_t timeout_ms, Attempt attempt);

// Sleeps between two attempts of retry_for, a little longer each time.
void pause_before_retry(unsigned attempt);

template <typename Attempt>
Result<bool> retry_for(const Job& job, std::int64_t timeout_ms, Attempt attempt) {
  const std::int64_t end_ms = job.env.now_ms() + timeout_ms;
  for (unsigned n = 0;; ++n) {
    LT_TRY(job.check());
    LT_ASSIGN(const bool done, attempt());
    if (done) return true;
    if (job.env.now_ms() >= end_ms) return false;
    pause_before_retry(n);
  }
}

}  // namespace litetool
