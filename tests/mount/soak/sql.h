// SQLite with exceptions, for a client that goes on after most of its errors.
#pragma once

#include <sqlite3.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace litetool::soak {

class SqlError : public std::runtime_error {
 public:
  // `code` is SQLite's extended one.
  SqlError(int code, const std::string& what)
      : std::runtime_error(what + " (" + std::to_string(code) + ")"), code_(code) {}
  int code() const { return code_ & 0xff; }
  // Somebody else was faster; the transaction did not happen.
  bool busy() const { return code() == SQLITE_BUSY || code() == SQLITE_LOCKED; }

 private:
  int code_;
};

struct CloseConnection {
  void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
};
using Connection = std::unique_ptr<sqlite3, CloseConnection>;

// Waits up to 20 s for locks. Throws SqlError, as the next two do.
Connection open_database(const std::string& path);
// Runs all statements.
void exec(sqlite3* connection, const std::string& sql);
// First column of the first row; "" when there is none.
std::string value(sqlite3* connection, const std::string& sql);

}  // namespace litetool::soak
