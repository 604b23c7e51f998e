#include "core/rows/sqlite_library.h"

#include <sqlite3.h>

#include <memory>

namespace litetool {
namespace {

struct CloseDatabase {
  void operator()(sqlite3* db) const { sqlite3_close(db); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

// The path as a URI, so that it can be opened immutable.
std::string immutable_uri(const std::string& path) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string uri = "file:";
  for (const char c : path) {
    const auto u = static_cast<unsigned char>(c);
    if (c == '%' || c == '?' || c == '#' || u < 32 || u > 126) {
      uri += {'%', kDigits[u >> 4], kDigits[u & 15]};
    } else {
      uri += c;
    }
  }
  return uri + "?immutable=1";
}

}  // namespace

std::string sqlite_library_version() {
  return sqlite3_libversion();
}

Status check_integrity(const std::string& path, bool quick) {
  sqlite3* raw = nullptr;
  int rc = sqlite3_open_v2(immutable_uri(path).c_str(), &raw,
                           SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, nullptr);
  const std::unique_ptr<sqlite3, CloseDatabase> db(raw);
  const auto failed = [&]() {
    return Error(Errc::kCorrupt, path + ": integrity check: " + sqlite3_errmsg(db.get()));
  };
  if (rc != SQLITE_OK) return failed();
  sqlite3_stmt* raw_statement = nullptr;
  const char* sql = quick ? "PRAGMA quick_check(1)" : "PRAGMA integrity_check(1)";
  if (sqlite3_prepare_v2(db.get(), sql, -1, &raw_statement, nullptr) != SQLITE_OK) return failed();
  const std::unique_ptr<sqlite3_stmt, FinalizeStatement> statement(raw_statement);
  rc = sqlite3_step(statement.get());
  if (rc != SQLITE_ROW) return failed();
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement.get(), 0));
  const std::string verdict = text == nullptr ? "" : text;
  if (verdict != "ok") return Error(Errc::kCorrupt, path + ": integrity check: " + verdict);
  return {};
}

}  // namespace litetool
