// litetool fork: a new database that starts at a point of another one's history.
#include "cmd/command.h"
#include "cmd/history_place.h"
#include "cmd/past_args.h"
#include "cmd/point_args.h"
#include "cmd/progress.h"
#include "cmd/restore_report.h"
#include "core/restore/fork.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

ArgSpec spec() {
  ArgSpec spec;
  spec.about(std::string("NEW appears, verified, as a database of its own; in a mounted directory "
                         "its history\nbegins there. Where the file system can, it shares with the "
                         "live database the blocks\nof all pages that are the same, and only takes "
                         "space for the others.\n\n") +
             kPointHelp)
      .value("--at", 0, "POINT", "start with the state at this point (default: latest)")
      .threads()
      .positional("SOURCE", Arity::kOne, "database, replica or folder of LTX files")
      .positional("NEW", Arity::kOne, "the new database, which must not exist")
      .path("SOURCE", PathUse::kReadsHistory)
      .path("NEW", PathUse::kWrites)
      .exit_code(kExitCorrupt, "pages or checksums are damaged, or SQLite finds a fault")
      .exit_code(kExitBrokenChain, "files are missing on the way to the point")
      .exit_code(kExitNotFound, "no history, no such point, or removed at that point")
      .exit_code(kExitExists, "NEW exists")
      .exit_code(kExitUnsupported, "a replica of Litestream 0.3, which has no transactions")
      .example("litetool fork data/app.db data/staging.db", "a copy to try things on")
      .example("litetool fork data/app.db --at 'yesterday 14:00' data/then.db", "as it was then");
  add_check_flag(spec);
  return spec;
}

void report(Context& context, const SourcePlace& place, const RestorePlan& plan, const Fork& fork,
            const std::string& output) {
  if (context.out.json_mode()) {
    Json j = plan_json(place, plan);
    j["checksum"] = fork.checksum.text();
    j["output"] = output;
    j["shares_blocks"] = fork.shares_blocks;
    j["written_pages"] = fork.written;
    context.out.document(j);
    return;
  }
  context.out.note(printable(output) + " starts with " + plan_text(plan) + ", checksum " +
                   fork.checksum.text());
  if (!fork.shares_blocks) return;
  context.out.note("it shares its blocks with the live database, except for " +
                   grouped(fork.written) + (fork.written == 1 ? " page" : " pages"));
}

Result<int> run(const Args& args, Context& context) {
  const std::string& path = args.one("SOURCE");
  const std::string& output = args.one("NEW");
  const Now now = now_here(context);
  LT_ASSIGN(const Point point, parse_point(args.get("--at", "latest"), now));
  LT_ASSIGN(const unsigned threads, args.threads());
  LT_ASSIGN(const NamedSource named, open_named_source(context, path, threads));
  LT_ASSIGN(const FoundMoment found, named.source->find(point, now));
  LT_ASSIGN(const RestorePlan plan, plan_restore(*named.source, found));
  Result<Fork> fork = Fork{};
  {
    Progress progress(context.out, "fork", plan.size_bytes());
    fork = fork_database(context.job(threads, &progress), plan,
                         live_file(context, path, named.place), output, check_of(args));
  }
  if (!fork) return std::move(fork).error();
  report(context, named.place, plan, *fork, output);
  return kExitDone;
}

}  // namespace

extern const Command kForkCommand;
const Command kForkCommand = {"fork", "start a new database at a point of another one's history",
                              spec, run};

}  // namespace litetool
