#include "soak/sql.h"

namespace litetool::soak {
namespace {

int keep_first(void* to, int columns, char** values, char**) {
  auto& [seen, text] = *static_cast<std::pair<bool, std::string>*>(to);
  if (!seen && columns > 0 && values[0] != nullptr) text = values[0];
  seen = true;
  return 0;
}

}  // namespace

Connection open_database(const std::string& path) {
  sqlite3* raw = nullptr;
  const int code = sqlite3_open(path.c_str(), &raw);
  Connection connection(raw);
  if (code != SQLITE_OK) throw SqlError(code, path + ": cannot be opened");
  sqlite3_extended_result_codes(raw, 1);
  sqlite3_busy_timeout(raw, 20'000);
  return connection;
}

void exec(sqlite3* connection, const std::string& sql) {
  (void)value(connection, sql);
}

std::string value(sqlite3* connection, const std::string& sql) {
  std::pair<bool, std::string> first;
  const int code = sqlite3_exec(connection, sql.c_str(), keep_first, &first, nullptr);
  if (code != SQLITE_OK) throw SqlError(code, sql + ": " + sqlite3_errmsg(connection));
  return first.second;
}

}  // namespace litetool::soak
