#include "core/ltx/database_lock.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

#include "core/os/range_lock.h"
#include "formats/base/ids.h"

namespace litetool {
namespace {

constexpr LockRange kPending{kLockByte, 1};
constexpr LockRange kReserved{kLockByte + 1, 1};
constexpr LockRange kShared{kLockByte + 2, 510};
constexpr LockRange kAll{kLockByte, 512};

Error busy(const std::string& path, const char* who) {
  return Error(Errc::kTimeout, path + " is in use: " + who +
                                   " did not leave in time (stop it, or "
                                   "try again with a longer --timeout)");
}

}  // namespace

void pause_before_retry(unsigned attempt) {
  const unsigned ms = std::min(1U << std::min(attempt, 5U), 25U);
  std::this_thread::sleep_for(std::chrono::milliseconds(ms));
}

DatabaseLock::~DatabaseLock() {
  // Closing the file would release them too; nothing can be done about a failure.
  (void)unlock(file_, kAll);
}

Result<bool> DatabaseLock::try_shared() {
  LT_ASSIGN(const bool entered, try_lock(file_, kPending, LockKind::kShared));
  if (!entered) return false;
  auto got = try_lock(file_, kShared, LockKind::kShared);
  LT_TRY(unlock(file_, kPending));
  return got;
}

Result<bool> DatabaseLock::try_exclusive() {
  LT_ASSIGN(const bool reserved, try_lock(file_, kReserved, LockKind::kExclusive));
  if (!reserved) return false;
  LT_ASSIGN(const bool pending, try_lock(file_, kPending, LockKind::kExclusive));
  if (!pending) return false;
  return try_lock(file_, kShared, LockKind::kExclusive);
}

Status DatabaseLock::shared(const Job& job, std::int64_t timeout_ms) {
  LT_ASSIGN(const bool got, retry_for(job, timeout_ms, [&] { return try_shared(); }));
  if (!got) return busy(path_, "its writer");
  return {};
}

Status DatabaseLock::exclusive(const Job& job, std::int64_t timeout_ms) {
  LT_ASSIGN(const bool got, retry_for(job, timeout_ms, [&]() -> Result<bool> {
              LT_ASSIGN(const bool locked, try_exclusive());
              // Two that wait for each other with half the locks would wait for good.
              if (!locked) LT_TRY(unlock(file_, kAll));
              return locked;
            }));
  if (!got) return busy(path_, "another process");
  return {};
}

Result<bool> DatabaseLock::reserved_by_other() const {
  return locked_by_other(file_, kReserved, LockKind::kExclusive);
}

Result<bool> has_open_journal(Env& env, int dir, const std::string& path) {
  const auto file = env.open(dir, path + "-journal", OpenMode::kRead);
  if (!file) {
    if (file.error().code == Errc::kNotFound) return false;
    return file.error();
  }
  std::array<std::byte, 1> first{};
  LT_ASSIGN(const std::size_t n, (*file)->read_at(first, 0));
  // A first byte of zero: it was finalised or never synced.
  return n != 0 && first[0] != std::byte{0};
}

Status refuse_hot_journal(Env& env, const std::string& path, const DatabaseLock& lock) {
  LT_ASSIGN(const bool is_open, has_open_journal(env, kCwd, path));
  if (!is_open) return {};
  LT_ASSIGN(const bool writer, lock.reserved_by_other());
  if (writer) return {};
  return Error(Errc::kFailed, path + " was left in the middle of a transaction: " + path +
                                  "-journal is hot (open the database once with 'sqlite3 " + path +
                                  " \"PRAGMA schema_version\"', which rolls it back, and repeat)");
}

}  // namespace litetool
