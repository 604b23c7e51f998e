// litetool sql: queries to a database as it was at a point of its history.
#include <map>
#include <string_view>

#include "cmd/command.h"
#include "cmd/past_args.h"
#include "cmd/point_args.h"
#include "cmd/row_printer.h"
#include "core/rows/sql_connection.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

ArgSpec spec() {
  return ArgSpec()
      .about(std::string("Reads the pages that the query needs straight from the history; nothing "
                         "is restored.\nSOURCE is what 'litetool restore' takes. Nothing can be "
                         "written, temporary tables\napart.\n\n") +
             kPointHelp)
      .value("--at", 0, "POINT", "the state to query (default: latest)")
      .values("--attach", 0, "NAME=POINT", "one more state, as the schema NAME; may be repeated")
      .toggle("--csv", 0, "print CSV")
      .positional("SOURCE", Arity::kOne, "database, replica or folder of LTX files")
      .positional("SQL", Arity::kOne, "one or several statements", Complete::kNothing)
      .path("SOURCE", PathUse::kReadsHistory)
      .exit_code(kExitFailed, "SQLite refuses the statement")
      .exit_code(kExitCorrupt, "pages are damaged")
      .exit_code(kExitBrokenChain, "files are missing on the way to the point")
      .exit_code(kExitNotFound, "no history, no such point, or removed at that point")
      .example("litetool sql data/app.db --at '10m ago' \"SELECT count(*) FROM users\"",
               "how many there were")
      .example(
          "litetool sql data/app.db --attach old='1 day ago' \"SELECT * FROM users EXCEPT "
          "SELECT * FROM old.users\"",
          "what has come since");
}

Result<NamedPast> open_state(Context& context, const NamedSource& named, const std::string& point) {
  LT_ASSIGN(NamedPast past, open_named_past(context, named, point));
  if (past.pages->page_count() == 0) {
    return Error(Errc::kNotFound, "the database was removed in " + moment_text(past.moment) +
                                      ": choose an earlier one");
  }
  return past;
}

// NAME=POINT; the database and its name in SQL.
Status attach(Context& context, const NamedSource& named, const std::string& text,
              SqlConnection& connection, std::vector<NamedPast>& kept) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    return Error(Errc::kUsage, "--attach takes NAME=POINT, not '" + printable(text) + "'");
  }
  const std::string name = text.substr(0, equals);
  LT_ASSIGN(NamedPast past, open_state(context, named, text.substr(equals + 1)));
  kept.push_back(std::move(past));
  LT_TRY(connection.attach(name, *kept.back().pages));
  context.out.note(printable(name) + ": " + moment_text(kept.back().moment));
  return {};
}

Status print_rows(Context& context, SqlStatement& statement, RowFormat format) {
  std::vector<std::string> columns;
  for (std::size_t i = 0; i < statement.columns(); ++i) columns.push_back(statement.column_name(i));
  RowPrinter printer(context.out, format, std::move(columns));
  while (!context.out.reader_gone()) {
    LT_ASSIGN(const bool more, statement.step());
    if (!more) break;
    printer.row(statement.row());
  }
  printer.end();
  return {};
}

Result<int> run(const Args& args, Context& context) {
  LT_ASSIGN(const NamedSource named, open_named_source(context, args.one("SOURCE"), 1));
  LT_ASSIGN(const NamedPast past, open_state(context, named, args.get("--at", "latest")));
  const Job job = context.job(1);
  std::vector<NamedPast> attached;  // outlives the connection
  LT_ASSIGN(const auto connection, SqlConnection::open(job, *past.pages));
  context.out.note(moment_text(past.moment));
  for (const std::string& text : args.all("--attach")) {
    LT_TRY(attach(context, named, text, *connection, attached));
  }
  const RowFormat format = context.out.json_mode() ? RowFormat::kJson
                           : args.has("--csv")     ? RowFormat::kCsv
                                                   : RowFormat::kTable;
  std::string_view sql = args.one("SQL");
  while (!sql.empty()) {
    LT_ASSIGN(SqlStatement statement, connection->prepare(sql));
    if (!statement.present()) continue;
    if (statement.columns() > 0) {
      LT_TRY(print_rows(context, statement, format));
    } else {
      LT_TRY(statement.step());
    }
  }
  return kExitDone;
}

}  // namespace

extern const Command kSqlCommand;
const Command kSqlCommand = {"sql", "query a database as it was at a point in time", spec, run};

}  // namespace litetool
