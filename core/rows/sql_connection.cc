#include "core/rows/sql_connection.h"

#include <sqlite3.h>

#include <algorithm>
#include <bit>

#include "core/rows/page_vfs.h"

namespace litetool {
namespace {

// Steps of SQLite's machine between two looks at whether somebody wants to stop.
constexpr int kStepsBetweenChecks = 100'000;
constexpr TextEncoding kNativeUtf16 =
    std::endian::native == std::endian::little ? TextEncoding::kUtf16le : TextEncoding::kUtf16be;

std::string bytes_of(const void* data, int size) {
  if (data == nullptr || size <= 0) return {};
  return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

Errc errc_of(int rc) {
  switch (rc & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Errc::kCorrupt;
    case SQLITE_INTERRUPT:
      return Errc::kInterrupted;
    case SQLITE_FULL:
      return Errc::kDiskFull;
    case SQLITE_IOERR:
      return Errc::kStorage;
    default:
      return Errc::kFailed;
  }
}

}  // namespace

void SqlStatement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

SqlStatement::SqlStatement(SqlConnection& connection, sqlite3_stmt* statement)
    : connection_(&connection), statement_(statement) {}

Status SqlStatement::bind(std::size_t parameter, const SqlValue& value) {
  sqlite3_stmt* s = statement_.get();
  const int at = static_cast<int>(parameter) + 1;
  int rc = SQLITE_OK;
  switch (value.type) {
    case ValueType::kNull:
      rc = sqlite3_bind_null(s, at);
      break;
    case ValueType::kInteger:
      rc = sqlite3_bind_int64(s, at, value.integer);
      break;
    case ValueType::kReal:
      rc = sqlite3_bind_double(s, at, value.real);
      break;
    case ValueType::kText: {
      const unsigned char encoding = value.encoding == TextEncoding::kUtf8      ? SQLITE_UTF8
                                     : value.encoding == TextEncoding::kUtf16le ? SQLITE_UTF16LE
                                                                                : SQLITE_UTF16BE;
      rc = sqlite3_bind_text64(s, at, value.bytes.data(), value.bytes.size(), SQLITE_TRANSIENT,
                               encoding);
      break;
    }
    case ValueType::kBlob:
      rc = sqlite3_bind_blob64(s, at, value.bytes.data(), value.bytes.size(), SQLITE_TRANSIENT);
      break;
  }
  if (rc != SQLITE_OK) return connection_->failed(rc, "bind a value");
  return {};
}

Result<bool> SqlStatement::step() {
  const int rc = sqlite3_step(statement_.get());
  if (rc == SQLITE_ROW) return true;
  if (rc == SQLITE_DONE) return false;
  return connection_->failed(rc, "");
}

void SqlStatement::reset() {
  sqlite3_reset(statement_.get());
}

std::size_t SqlStatement::columns() const {
  return static_cast<std::size_t>(sqlite3_column_count(statement_.get()));
}

std::string SqlStatement::column_name(std::size_t column) const {
  const char* name = sqlite3_column_name(statement_.get(), static_cast<int>(column));
  return name == nullptr ? "" : name;
}

// Text comes as it is stored, or with its bytes swapped: what is not valid stays as it is.
SqlValue SqlStatement::value(std::size_t column) const {
  sqlite3_stmt* s = statement_.get();
  const int at = static_cast<int>(column);
  SqlValue v;
  switch (sqlite3_column_type(s, at)) {
    case SQLITE_INTEGER:
      v.type = ValueType::kInteger;
      v.integer = sqlite3_column_int64(s, at);
      break;
    case SQLITE_FLOAT:
      v.type = ValueType::kReal;
      v.real = sqlite3_column_double(s, at);
      break;
    case SQLITE_TEXT: {
      v.type = ValueType::kText;
      if (connection_->encoding() == TextEncoding::kUtf8) {
        const void* text = sqlite3_column_text(s, at);
        v.bytes = bytes_of(text, sqlite3_column_bytes(s, at));
      } else {
        v.encoding = kNativeUtf16;
        const void* text = sqlite3_column_text16(s, at);
        v.bytes = bytes_of(text, sqlite3_column_bytes16(s, at));
      }
      break;
    }
    case SQLITE_BLOB: {
      v.type = ValueType::kBlob;
      const void* blob = sqlite3_column_blob(s, at);
      v.bytes = bytes_of(blob, sqlite3_column_bytes(s, at));
      break;
    }
    default:
      break;
  }
  return v;
}

std::vector<SqlValue> SqlStatement::row() const {
  std::vector<SqlValue> values(columns());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = value(i);
  return values;
}

SqlConnection::SqlConnection(const Job& job) : job_(job), vfs_(std::make_unique<PageVfs>()) {}

SqlConnection::~SqlConnection() {
  sqlite3_close(db_);
}

Result<std::unique_ptr<SqlConnection>> SqlConnection::open(const Job& job, PageSource& pages) {
  std::unique_ptr<SqlConnection> connection(new SqlConnection(job));
  LT_TRY(connection->start(pages));
  return connection;
}

Status SqlConnection::start(PageSource& pages) {
  vfs_->add("main", pages);
  const int rc = sqlite3_open_v2("main", &db_, SQLITE_OPEN_READONLY, vfs_->name());
  if (rc != SQLITE_OK) return failed(rc, "open");
  // What a hostile schema names (functions with effects, virtual tables) stays unused.
  sqlite3_db_config(db_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_progress_handler(
      db_, kStepsBetweenChecks,
      [](void* job) { return static_cast<const Job*>(job)->check() ? 0 : 1; },
      const_cast<Job*>(&job_));
  LT_ASSIGN(SqlStatement encoding, prepare_one("PRAGMA encoding"));
  LT_TRY(encoding.step());
  const std::string name = encoding.value(0).bytes;
  encoding_ = name == "UTF-16le"   ? TextEncoding::kUtf16le
              : name == "UTF-16be" ? TextEncoding::kUtf16be
                                   : TextEncoding::kUtf8;
  return {};
}

Status SqlConnection::attach(const std::string& name, PageSource& pages) {
  vfs_->add("attached " + name, pages);
  LT_ASSIGN(SqlStatement attach, prepare_one("ATTACH ? AS ?"));
  LT_TRY(attach.bind(0, SqlValue::of_text("attached " + name)));
  LT_TRY(attach.bind(1, SqlValue::of_text(name)));
  LT_TRY(attach.step());
  return {};
}

Result<SqlStatement> SqlConnection::prepare(std::string_view& sql) {
  sqlite3_stmt* statement = nullptr;
  const char* rest = nullptr;
  const int rc =
      sqlite3_prepare_v2(db_, sql.data(), static_cast<int>(sql.size()), &statement, &rest);
  if (rc != SQLITE_OK) return failed(rc, "");
  sql.remove_prefix(static_cast<std::size_t>(rest - sql.data()));
  return SqlStatement(*this, statement);
}

Result<SqlStatement> SqlConnection::prepare_one(const std::string& sql) {
  std::string_view text = sql;
  return prepare(text);
}

// What SQLite says, or why its page could not be had.
Error SqlConnection::failed(int rc, const std::string& what) const {
  if (std::optional<Error> cause = vfs_->take_error()) return *std::move(cause);
  std::string message = db_ == nullptr ? sqlite3_errstr(rc) : sqlite3_errmsg(db_);
  if (!what.empty()) message = what + ": " + message;
  return Error(errc_of(rc), message);
}

}  // namespace litetool
