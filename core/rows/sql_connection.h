// SQL over the pages of one or several PageSources, read-only.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/os/job.h"
#include "core/past/page_source.h"
#include "core/rows/sql_value.h"

struct sqlite3;
struct sqlite3_stmt;

namespace litetool {

class PageVfs;
class SqlConnection;

// A prepared statement. The connection outlives it.
class SqlStatement {
 public:
  SqlStatement(SqlStatement&&) noexcept = default;
  SqlStatement& operator=(SqlStatement&&) noexcept = default;

  // False for the text of a comment or nothing at all.
  bool present() const { return statement_ != nullptr; }
  // Parameters count from 0.
  Status bind(std::size_t parameter, const SqlValue& value);
  // To the next row; false at the end.
  Result<bool> step();
  // Back to before the first row; what is bound stays.
  void reset();

  std::size_t columns() const;
  std::string column_name(std::size_t column) const;
  // Of the row that step() went to.
  SqlValue value(std::size_t column) const;
  std::vector<SqlValue> row() const;

 private:
  friend class SqlConnection;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  SqlStatement(SqlConnection& connection, sqlite3_stmt* statement);

  SqlConnection* connection_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class SqlConnection {
 public:
  // `pages` is the database "main". What the job points to and the pages outlive the connection.
  static Result<std::unique_ptr<SqlConnection>> open(const Job& job, PageSource& pages);
  ~SqlConnection();
  SqlConnection(const SqlConnection&) = delete;
  SqlConnection& operator=(const SqlConnection&) = delete;

  // One more database, by a name that SQL can use.
  Status attach(const std::string& name, PageSource& pages);
  // The first statement of `sql`, which is moved on behind it.
  Result<SqlStatement> prepare(std::string_view& sql);
  // `sql` is one whole statement.
  Result<SqlStatement> prepare_one(const std::string& sql);
  // How main stores text.
  TextEncoding encoding() const { return encoding_; }

 private:
  friend class SqlStatement;
  explicit SqlConnection(const Job& job);
  Status start(PageSource& pages);
  Error failed(int rc, const std::string& what) const;

  const Job job_;
  std::unique_ptr<PageVfs> vfs_;
  sqlite3* db_ = nullptr;
  TextEncoding encoding_ = TextEncoding::kUtf8;
};

}  // namespace litetool
