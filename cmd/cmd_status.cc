// litetool status: how the databases of a directory and their histories stand.
#include <map>

#include "cmd/command.h"
#include "cmd/history_place.h"
#include "cmd/mount_status.h"
#include "cmd/point_args.h"
#include "core/history/layout.h"
#include "core/source/history_summary.h"
#include "formats/base/text.h"
#include "formats/sqlite/file_header.h"

namespace litetool {
namespace {

ArgSpec spec() {
  return ArgSpec()
      .about(
          "Asks the daemon when DIR is mounted, and reads the histories themselves in any case.\n"
          "LAG is how long the oldest change that is not captured has waited.")
      .positional("DIR", Arity::kOptional,
                  "directory with a history, or a database in it (default: the working directory)")
      .exit_code(kExitCorrupt, "a history cannot be read")
      .exit_code(kExitNotFound, "DIR has no history")
      .example("litetool status ./data", "a table for people")
      .example("litetool status --json ./data", "everything, for a program");
}

// One database, from both sides. What only a mount knows stays empty without one.
struct Row {
  Json live = Json::object();  // its entry in the status of the mount
  HistorySummary history;
  std::optional<Error> unreadable;  // the history
  std::string journal_mode;
};
using Rows = std::map<std::string, Row>;

// From the file itself; empty when there is no such database.
std::string journal_mode_of(Env& env, const std::string& path) {
  const auto file = env.open(kCwd, path, OpenMode::kRead);
  if (!file) return "";
  Buffer first(kFileHeaderSize);
  const auto n = (*file)->read_at(first, 0);
  if (!n) return "";
  const auto header = decode_file_header(Bytes(first).first(*n));
  return !header ? "" : header->wal() ? "wal" : "rollback";
}

Result<Rows> collect(const NamedHistories& named, Context& context) {
  Rows rows;
  const std::string folders = named.history + "/db";
  const auto names = context.env.list(kCwd, folders);
  if (!names && names.error().code != Errc::kNotFound) return names.error();
  for (const std::string& name : names ? *names : std::vector<std::string>()) {
    const std::string path = unescape_path(name).value_or(name);
    if (named.database && path != *named.database) continue;
    Row& row = rows[path];
    auto summary = summarize_history(context.env, folders + "/" + name, Look::kEnds);
    if (summary) {
      row.history = *summary;
    } else {
      row.unreadable = summary.error();
    }
  }
  if (named.mount) {
    for (const Json& live : (*named.mount)["databases"]) {
      if (live.is_object()) rows[text_in(live, "path")].live = live;
    }
  }
  if (named.database) {
    std::erase_if(rows, [&](const auto& row) { return row.first != *named.database; });
  }
  for (auto& [path, row] : rows) {
    row.journal_mode = journal_mode_of(context.env, named.directory + "/" + path);
  }
  return rows;
}

std::string state_of(const Row& row, const NamedHistories& named) {
  if (row.unreadable) return "unreadable";
  if (!row.live.empty()) return text_in(row.live, "state");
  const bool dropped = row.history.last && row.history.last->commit == 0;
  return dropped ? "dropped" : named.is_mounted ? "mounted" : "not mounted";
}

std::vector<std::string> warnings_of(const Row& row) {
  std::vector<std::string> warnings;
  if (row.unreadable) warnings.push_back(row.unreadable->text());
  if (const std::string why = text_in(row.live, "why"); !why.empty()) warnings.push_back(why);
  if (row.live.contains("warnings") && row.live["warnings"].is_array()) {
    for (const Json& w : row.live["warnings"]) {
      if (w.is_string()) warnings.push_back(w.get<std::string>());
    }
  }
  const std::uint64_t bad = row.history.quarantined;
  if (bad > 0) {
    warnings.push_back(bad == 1
                           ? "a piece of the history could not be trusted: see quarantine"
                           : std::to_string(bad) +
                                 " pieces of the history could not be trusted: see quarantine");
  }
  return warnings;
}

Json row_json(const std::string& path, const Row& row, const NamedHistories& named) {
  const HistorySummary& h = row.history;
  const auto or_null = [](const std::string& text) { return text.empty() ? Json() : Json(text); };
  const auto time = [](const auto& image) {
    return image ? time_json(image->timestamp_ms) : Json();
  };
  return Json{{"path", path},
              {"state", state_of(row, named)},
              {"txid", h.last ? Json(h.last->max_txid.text()) : Json()},
              {"checksum", h.last ? Json(h.last->post_apply.text()) : Json()},
              {"pages", h.last ? h.last->commit : 0},
              {"page_size", h.last ? h.last->page_size : 0},
              {"size_bytes", h.last ? std::uint64_t{h.last->commit} * h.last->page_size : 0},
              {"journal_mode", or_null(row.journal_mode)},
              {"lag_ms", row.live.empty() ? Json() : Json(number_in(row.live, "lag_ms"))},
              {"last_error", or_null(text_in(row.live, "last_error"))},
              {"sqlite_version", or_null(text_in(row.live, "sqlite_version"))},
              {"history",
               {{"bytes", h.bytes},
                {"images", h.images},
                {"first_txid", h.first ? Json(h.first->max_txid.text()) : Json()},
                {"first_time", time(h.first)},
                {"last_time", time(h.last)},
                {"marked", h.marked},
                {"quarantined", h.quarantined}}},
              {"warnings", warnings_of(row)}};
}

Json as_json(const NamedHistories& named, const Rows& rows) {
  Json databases = Json::array();
  for (const auto& [path, row] : rows) databases.push_back(row_json(path, row, named));
  Json mount;
  if (named.mount) {
    mount = Json{{"pid", number_in(*named.mount, "pid")},
                 {"mount_point", text_in(*named.mount, "mount_point")},
                 {"source", text_in(*named.mount, "source")},
                 {"tier", text_in(*named.mount, "tier")},
                 {"transport", text_in(*named.mount, "transport")},
                 {"started", text_in(*named.mount, "started")}};
  }
  return Json{{"directory", named.directory},
              {"history", named.history},
              {"mount", std::move(mount)},
              {"databases", std::move(databases)}};
}

// "250 ms", "3 s"; "-" without a mount.
std::string lag_text(const Row& row) {
  if (row.live.empty()) return "-";
  const std::int64_t ms = number_in(row.live, "lag_ms");
  return ms < 1000 ? std::to_string(ms) + " ms" : std::to_string(ms / 1000) + " s";
}

void print_table(const NamedHistories& named, const Rows& rows, Context& context) {
  std::string title = named.directory + (named.is_mounted ? ": mounted" : ": not mounted");
  if (named.mount) {
    title += " (" + text_in(*named.mount, "tier") + ", pid " +
             std::to_string(number_in(*named.mount, "pid")) + ")";
  }
  context.out.line(title);
  using Align = Table::Align;
  Table table({{"DATABASE"},
               {"STATE"},
               {"TXID"},
               {"SIZE", Align::kRight},
               {"MODE"},
               {"LAG", Align::kRight},
               {"HISTORY", Align::kRight},
               {"SINCE"}});
  for (const auto& [path, row] : rows) {
    const auto& last = row.history.last;
    table.row({printable(path), state_of(row, named), last ? last->max_txid.text() : "-",
               last ? human_size(std::uint64_t{last->commit} * last->page_size) : "-",
               row.journal_mode.empty() ? "-" : row.journal_mode, lag_text(row),
               human_size(row.history.bytes),
               row.history.first ? local_time_text(row.history.first->timestamp_ms) : "-"});
    for (const std::string& warning : warnings_of(row)) {
      table.remark("  warning: " + printable(warning));
    }
  }
  if (!table.empty()) context.out.text(table.text());
}

Result<int> run(const Args& args, Context& context) {
  const std::vector<std::string>& given = args.all("DIR");
  LT_ASSIGN(const NamedHistories named,
            named_histories(context, given.empty() ? "." : given.front()));
  LT_ASSIGN(const Rows rows, collect(named, context));
  if (named.database && rows.empty()) {
    return Error(Errc::kNotFound, *named.database + " has no history in " + named.history);
  }
  if (context.out.json_mode()) {
    context.out.document(as_json(named, rows));
  } else {
    print_table(named, rows, context);
  }
  for (const auto& [path, row] : rows) {
    if (row.unreadable) return exit_code_of(row.unreadable->code);
  }
  return kExitDone;
}

}  // namespace

extern const Command kStatusCommand;
const Command kStatusCommand = {"status", "show how databases and their histories stand", spec,
                                run};

}  // namespace litetool
