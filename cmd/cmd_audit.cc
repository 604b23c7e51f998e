// litetool audit: does a database hold what its history says, or what another copy holds?
#include <algorithm>
#include <limits>
#include <optional>
#include <span>

#include "cmd/command.h"
#include "cmd/history_place.h"
#include "cmd/past_args.h"
#include "cmd/point_args.h"
#include "cmd/progress.h"
#include "core/audit/audit.h"
#include "core/restore/restore.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

constexpr std::uint64_t kDefaultLimit = 100;

ArgSpec spec() {
  return ArgSpec()
      .about(std::string(
                 "PATH is a database, or a history as 'litetool restore' takes it. A database is\n"
                 "held against its history, with --against against another database or history;\n"
                 "a history alone is held against its own checksums. The database may be in use,\n"
                 "under a mount too: one committed state is read. Pages that differ are named\n"
                 "with their table and the last transaction that wrote them.\n\n") +
             kPointHelp)
      .value("--at", 0, "POINT", "the state of the history to compare with (default: latest)")
      .value("--against", 0, "OTHER", "compare with this database or history", Complete::kFile)
      .choice("--repair-from", 0, "WHERE", "write a repaired copy to --output, from the history",
              {"history"})
      .value("--output", 'o', "FILE", "where the repaired copy goes", Complete::kFile)
      .force()
      .toggle("--digest", 0, "tell BLAKE2b-256 of the database too")
      .value("--limit", 0, "N", "pages to list (default: 100; 0 lists all)")
      .threads()
      .positional("PATH", Arity::kOne, "database or history")
      .path("PATH", PathUse::kReadsHistory)
      .path("--against", PathUse::kReadsHistory)
      .path("--output", PathUse::kWrites)
      .exit_code(kExitDiffers, "differences were found")
      .exit_code(kExitCorrupt, "not a database, or a damaged history")
      .exit_code(kExitBrokenChain, "files of the history are missing")
      .example("litetool audit data/app.db", "is the database what its history says?")
      .example("litetool audit copy.db --against data/app.db", "two copies of one database")
      .example("litetool audit data/app.db --repair-from history -o repaired.db",
               "a sound copy beside a damaged database");
}

Result<AuditInput> history_input(Context& context, const Args& args, const std::string& path) {
  AuditInput input{path};
  LT_ASSIGN(input.place, named_source(context, path));
  if (!args.has("--at")) return input;
  const Now now = now_here(context);
  LT_ASSIGN(const Point point, parse_point(args.get("--at"), now));
  LT_ASSIGN(const auto source, open_source(context.job(1), input.place));
  LT_ASSIGN(input.at, source->find(point, now));
  return input;
}

Result<AuditInput> input_of(Context& context, const Args& args, const std::string& path) {
  if (is_database_file(context, path)) return AuditInput{path, true};
  return history_input(context, args, path);
}

Result<AuditInput> own_history(Context& context, const Args& args, const std::string& path) {
  auto input = history_input(context, args, path);
  if (!input && input.error().code == Errc::kNotFound && !args.has("--at")) {
    return std::move(input).error().with(
        "nothing to compare it with (--against OTHER compares two copies)");
  }
  return input;
}

Result<AuditReport> audit(const Args& args, Context& context, const Job& job) {
  const std::string& path = args.one("PATH");
  AuditOptions options;
  options.digest = args.has("--digest");
  options.temp_dir = temp_directory();
  LT_ASSIGN(const AuditInput left, input_of(context, args, path));
  if (args.has("--against")) {
    LT_ASSIGN(const AuditInput right, input_of(context, args, args.get("--against")));
    return audit_copies(job, left, right, options);
  }
  if (!left.is_database) return audit_history(job, left);
  LT_ASSIGN(const AuditInput history, own_history(context, args, path));
  if (history.at) return audit_copies(job, left, history, options);
  options.lag_ms = capture_lag_ms(path);
  return audit_database(job, path, history.place, options);
}

Json side_json(const AuditSide& side) {
  return Json{{"path", side.path},
              {"kind", side.is_database ? "database" : "history"},
              {"txid", side.moment ? Json(side.moment->txid.text()) : Json()},
              {"time", side.moment ? time_json(side.moment->time_ms) : Json()},
              {"page_size", side.page_size},
              {"pages", side.page_count},
              {"checksum", side.checksum.text()},
              {"blake2b", side.digest ? Json(to_hex(*side.digest)) : Json()}};
}

Json checksum_json(Checksum checksum) {
  return checksum.present() ? Json(checksum.text()) : Json();
}

// The pages to be listed, at most `limit`.
std::span<const DifferingPage> listed(const AuditReport& report, std::uint64_t limit) {
  const std::size_t count = report.pages.size();
  return std::span(report.pages).first(limit == 0 ? count : std::min<std::size_t>(count, limit));
}

void print_json(Output& out, const AuditReport& report, std::uint64_t limit) {
  Json j{{"agrees", report.agrees()},
         {"left", side_json(report.left)},
         {"right", report.right ? side_json(*report.right) : Json()},
         {"page_size_differs", report.page_size_differs},
         {"differing_pages", report.pages.size()},
         {"unsettled_pages", report.unsettled},
         {"differences", Json::array()}};
  for (const DifferingPage& page : listed(report, limit)) {
    j["differences"].push_back(Json{{"pgno", page.pgno},
                                    {"owner", page.owner.empty() ? Json() : Json(page.owner)},
                                    {"txid", page.writer ? Json(page.writer->text()) : Json()},
                                    {"left", checksum_json(page.left)},
                                    {"right", checksum_json(page.right)}});
  }
  out.document(j);
}

std::string side_text(const AuditSide& side) {
  std::string text = printable(side.path);
  if (!side.is_database) text += " (history)";
  text += ": " + grouped(side.page_count) + " pages of " + grouped(side.page_size) +
          " bytes, checksum " + side.checksum.text();
  if (side.moment) {
    text += ", transaction " + side.moment->txid.text() + " of " +
            local_time_text(side.moment->time_ms);
  }
  if (side.digest) text += "\nblake2b " + to_hex(*side.digest);
  return text;
}

std::string or_none(Checksum checksum) {
  return checksum.present() ? checksum.text() : "none";
}

void print_text(Output& out, const AuditReport& report, std::uint64_t limit) {
  out.line(side_text(report.left));
  if (report.right) out.line(side_text(*report.right));
  if (report.page_size_differs) {
    out.line("the page sizes differ");
  } else if (report.agrees()) {
    out.line(report.right ? "they agree" : "complete, and what its checksum says");
  }
  if (report.pages.empty()) return;
  Table table({{"PAGE", Table::Align::kRight}, {"TABLE"}, {"LAST TXID"}, {"LEFT"}, {"RIGHT"}});
  for (const DifferingPage& page : listed(report, limit)) {
    table.row({std::to_string(page.pgno), page.owner.empty() ? "-" : printable(page.owner),
               page.writer ? page.writer->text() : "-", or_none(page.left), or_none(page.right)});
  }
  out.text(table.text());
  const std::size_t shown = listed(report, limit).size();
  if (shown < report.pages.size()) {
    out.note("and " + grouped(report.pages.size() - shown) + " more pages (--limit 0 lists all)");
  }
}

void tell_verdict(Output& out, const AuditReport& report) {
  if (report.unsettled > 0) {
    out.warn(grouped(report.unsettled) +
             " more pages differ or were written meanwhile; stop the writers to be sure");
  }
  if (!report.pages.empty())
    out.note(grouped(report.pages.size()) +
             (report.pages.size() == 1 ? " page differs" : " pages differ"));
}

Status check_usage(const Args& args) {
  if (args.has("--repair-from") != args.has("--output")) {
    return Error(Errc::kUsage, "--repair-from history and --output FILE go together");
  }
  if (args.has("--repair-from") && args.has("--against")) {
    return Error(Errc::kUsage, "--repair-from history does not go with --against");
  }
  return {};
}

// The repaired copy is the state of the history that the database was held against; the last one
// where the database cannot be read at all.
Status repair(const Args& args, Context& context, const Job& job, std::optional<Moment> moment) {
  const std::string output = args.get("--output");
  LT_ASSIGN(AuditInput input, history_input(context, args, args.one("PATH")));
  LT_ASSIGN(const auto source, open_source(job, input.place));
  if (!input.at && moment) input.at = FoundMoment{*moment};
  if (!input.at) {
    LT_ASSIGN(input.at, source->latest());
  }
  LT_ASSIGN(const RestorePlan plan, plan_restore(*source, *input.at));
  LT_ASSIGN(const NewestPages read,
            restore_database(job, plan, output, {RestoreCheck::kQuick, args.has("--force")}));
  context.out.note("wrote " + printable(output) + ": transaction " + plan.moment.txid.text() +
                   ", checksum " + read.checksum.text());
  return {};
}

Result<int> run(const Args& args, Context& context) {
  LT_TRY(check_usage(args));
  LT_ASSIGN(const std::uint64_t limit,
            args.number("--limit", kDefaultLimit, 0, std::numeric_limits<Pgno>::max()));
  LT_ASSIGN(const unsigned threads, args.threads());
  const auto st = context.env.stat(kCwd, args.one("PATH"));
  std::optional<Progress> progress;
  if (st && S_ISREG(st->st_mode)) {
    progress.emplace(context.out, "audit", static_cast<std::uint64_t>(st->st_size));
  }
  const Job job = context.job(threads, progress ? &*progress : nullptr);
  Result<AuditReport> report = audit(args, context, job);
  progress.reset();
  if (!report) {
    if (args.has("--repair-from") && report.error().code == Errc::kCorrupt) {
      LT_TRY(repair(args, context, context.job(threads), std::nullopt));
    }
    return std::move(report).error();
  }
  context.out.json_mode() ? print_json(context.out, *report, limit)
                          : print_text(context.out, *report, limit);
  tell_verdict(context.out, *report);
  if (report->agrees()) {
    if (args.has("--repair-from")) context.out.note("nothing to repair, nothing written");
    return kExitDone;
  }
  if (args.has("--repair-from")) {
    LT_TRY(repair(args, context, context.job(threads), report->right->moment));
  }
  return kExitDiffers;
}

}  // namespace

extern const Command kAuditCommand;
const Command kAuditCommand = {"audit", "compare a database with its history or with a copy", spec,
                               run};

}  // namespace litetool
