// litetool diff: what changed in a database between two points of its history.
#include "cmd/command.h"
#include "cmd/diff_report.h"
#include "cmd/past_args.h"
#include "cmd/point_args.h"
#include "core/past/changed_pages.h"
#include "core/past/live_pages.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

constexpr std::int64_t kTimeoutMs = 5000;

ArgSpec spec() {
  return ArgSpec()
      .about(std::string("Compares the state at FROM with the one at TO, or with a database file. "
                         "SOURCE is\nwhat 'litetool restore' takes.\n\n") +
             kPointHelp)
      .toggle("--stat", 0, "count pages and rows of each table and index (the default)")
      .toggle("--rows", 0, "print each row that was inserted, deleted or changed")
      .toggle("--sql", 0, "print a script that turns FROM into TO")
      .toggle("--pages", 0, "print each page that differs")
      .value("--file", 0, "FILE", "compare with this database instead of TO", Complete::kFile)
      .positional("SOURCE", Arity::kOne, "database, replica or folder of LTX files")
      .positional("FROM", Arity::kOne, "the point before", Complete::kNothing)
      .positional("TO", Arity::kOptional, "the point after (default: latest)", Complete::kNothing)
      .path("SOURCE", PathUse::kReadsHistory)
      .path("--file", PathUse::kReadsHistory)
      .exit_code(kExitDone, "nothing differs")
      .exit_code(kExitDiffers, "there are differences")
      .exit_code(kExitCorrupt, "pages are damaged")
      .exit_code(kExitBrokenChain, "files are missing on the way to a point")
      .exit_code(kExitNotFound, "no history, or no such point")
      .example("litetool diff data/app.db latest~1", "what the last transaction changed")
      .example("litetool diff data/app.db '10m ago' --rows", "each row that changed since")
      .example("litetool diff data/app.db 0x2a 0x29 --sql | sqlite3 copy.db",
               "undo transaction 0x2a in a copy");
}

enum class View : std::uint8_t { kStat, kRows, kSql, kPages };

Result<View> view_of(const Args& args) {
  View view = View::kStat;
  int given = args.has("--stat") ? 1 : 0;
  const auto choose = [&](const char* flag, View v) {
    if (!args.has(flag)) return;
    view = v;
    ++given;
  };
  choose("--rows", View::kRows);
  choose("--sql", View::kSql);
  choose("--pages", View::kPages);
  if (given <= 1) return view;
  return Error(Errc::kUsage, "--stat, --rows, --sql and --pages: give one of them");
}

Json moment_json(const Moment& moment) {
  return Json{{"txid", moment.txid.text()}, {"time", time_json(moment.time_ms)}};
}

Result<bool> print(Context& context, View view, DatabaseDiff& diff, const Json& head) {
  switch (view) {
    case View::kRows:
      return print_diff_rows(context, diff);
    case View::kSql:
      return print_diff_script(context, diff);
    case View::kPages:
      return print_diff_pages(context, diff);
    case View::kStat:
      break;
  }
  return print_diff_stat(context, diff, head);
}

Result<bool> with_point(Context& context, View view, const NamedPast& before,
                        const NamedPast& after) {
  context.out.note("from " + moment_text(before.moment));
  context.out.note("to " + moment_text(after.moment));
  const Job job = context.job(1);
  LT_ASSIGN(std::vector<Pgno> changed, changed_pages(job, *before.pages, *after.pages));
  LT_ASSIGN(const auto diff,
            DatabaseDiff::open(job, *before.pages, *after.pages, std::move(changed)));
  return print(context, view, *diff,
               Json{{"from", moment_json(before.moment)}, {"to", moment_json(after.moment)}});
}

Result<bool> with_file(Context& context, View view, const NamedPast& before,
                       const std::string& file) {
  context.out.note("from " + moment_text(before.moment));
  context.out.note("to " + printable(file));
  const Job job = context.job(1);
  LT_ASSIGN(auto image, DatabaseImage::open(job, file, kTimeoutMs));
  LivePages after(std::move(image));
  LT_ASSIGN(std::vector<Pgno> changed,
            changed_pages(job, static_cast<PageSource&>(*before.pages), after));
  LT_ASSIGN(const auto diff, DatabaseDiff::open(job, *before.pages, after, std::move(changed)));
  LT_ASSIGN(const bool any,
            print(context, view, *diff,
                  Json{{"from", moment_json(before.moment)}, {"to", Json{{"file", file}}}}));
  LT_ASSIGN(const bool one_state, after.image().confirm());
  if (one_state) return any;
  return Error(Errc::kTimeout, file + " changed while it was read: try again");
}

Result<int> run(const Args& args, Context& context) {
  LT_ASSIGN(const View view, view_of(args));
  const std::vector<std::string>& to = args.all("TO");
  if (args.has("--file") && !to.empty()) {
    return Error(Errc::kUsage, "TO and --file: give one of them");
  }
  LT_ASSIGN(const NamedSource named, open_named_source(context, args.one("SOURCE"), 1));
  LT_ASSIGN(const NamedPast before, open_named_past(context, named, args.one("FROM")));
  Result<bool> any = false;
  if (args.has("--file")) {
    any = with_file(context, view, before, args.get("--file"));
  } else {
    LT_ASSIGN(const NamedPast after,
              open_named_past(context, named, to.empty() ? "latest" : to.front()));
    any = with_point(context, view, before, after);
  }
  if (!any) return std::move(any).error();
  return *any ? kExitDiffers : kExitDone;
}

}  // namespace

extern const Command kDiffCommand;
const Command kDiffCommand = {"diff", "show what changed between two points in time", spec, run};

}  // namespace litetool
