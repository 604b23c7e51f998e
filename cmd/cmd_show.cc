// litetool show: one transaction of a history, with the rows before and after it.
#include "cmd/command.h"
#include "cmd/diff_report.h"
#include "cmd/history_place.h"
#include "cmd/past_args.h"
#include "cmd/point_args.h"
#include "cmd/step_printer.h"
#include "core/source/history_source.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

ArgSpec spec() {
  return ArgSpec()
      .about(
          std::string(
              "Prints what the history says about the transaction that POINT means, the tables\n"
              "it touched, and each row that it inserted, deleted or changed. Of a snapshot that\n"
              "follows on from nothing no rows are printed: all would be new.\n\n") +
          kPointHelp)
      .toggle("--stat", 0, "no rows, only the tables and how many pages of each were changed")
      .positional("DB", Arity::kOne, "database, replica or folder of LTX files")
      .positional("POINT", Arity::kOptional, "the transaction (default: latest)",
                  Complete::kNothing)
      .path("DB", PathUse::kReadsHistory)
      .paged()
      .exit_code(kExitCorrupt, "pages are damaged, or are none of a SQLite database")
      .exit_code(kExitBrokenChain, "files are missing that lead to the state")
      .exit_code(kExitNotFound, "there is no history or no such point")
      .exit_code(kExitUnsupported, "a replica of Litestream 0.3, which has no transactions")
      .example("litetool show data/app.db", "the last transaction")
      .example("litetool show data/app.db 0x29", "transaction 0x29, row by row")
      .example("litetool show data/app.db '10m ago' --stat", "only the tables");
}

void print_head(Context& context, const StepReport& report, const Marks& marks) {
  const ltx::Header& h = report.step.image.header;
  context.out.line(moment_text({h.max_txid, report.step.time_ms}));
  const std::string notes = notes_text(report.step, marks);
  if (!notes.empty()) context.out.line(notes);
  context.out.line(grouped(report.pages) + (report.pages == 1 ? " page" : " pages") + " of " +
                   std::to_string(h.page_size) + " bytes, " + grouped(report.step.image.size) +
                   " bytes in " + printable(report.step.image.name()));
  const Checksum checksum = report.step.image.trailer.post_apply;
  context.out.line(human_size(std::uint64_t{h.page_size} * h.commit) + " after it, " +
                   (checksum.present() ? "checksum " + checksum.text() : "no checksum"));
}

void print_tables(Context& context, const StepReport& report) {
  for (const auto& [name, pages] : *report.tables) {
    context.out.line("  " + printable(name) + ": " + grouped(pages) +
                     (pages == 1 ? " page" : " pages"));
  }
}

// The step that leads to a state which can be had.
Result<Step> find_step(StepReader& reader, Txid txid) {
  for (;;) {
    LT_ASSIGN(auto step, reader.next());
    if (!step || step->txid() < txid) {
      return Error(Errc::kNotFound, "transaction " + txid.text() + " is not in the history");
    }
    if (step->txid() == txid) return *std::move(step);
  }
}

Result<int> run(const Args& args, Context& context) {
  const Now now = now_here(context);
  const std::vector<std::string>& given = args.all("POINT");
  LT_ASSIGN(const Point point, parse_point(given.empty() ? "latest" : given.front(), now));
  LT_ASSIGN(const SourcePlace place, named_source(context, args.one("DB")));
  LT_ASSIGN(const auto source, open_source(context.job(1), place));
  LT_ASSIGN(const FoundMoment found, source->find(point, now));
  const Moment& moment = found.moment;
  LT_ASSIGN(const Marks marks, marks_of(context, place));
  auto live = live_copy(context, args.one("DB"), place);
  LT_ASSIGN(auto walk, walk_steps(context.job(1), place, moment.txid));
  StepReader reader(context.job(1), std::move(walk), temp_directory(), std::move(live));
  LT_ASSIGN(const Step step, find_step(reader, moment.txid));
  StepReport report{step, 0, std::nullopt, std::nullopt};
  LT_ASSIGN(report.pages, reader.count_pages());
  if (!context.out.json_mode()) print_head(context, report, marks);
  LT_ASSIGN(const StepDiff changes, reader.diff());
  report.tables = changes.tables();
  if (context.out.json_mode()) {
    Json j{{"type", "transaction"}};
    j.update(step_json(report, marks));
    context.out.json_line(j);
  } else {
    print_tables(context, report);
  }
  if (!args.has("--stat") && step.from) LT_TRY(print_diff_rows(context, *changes.diff));
  return kExitDone;
}

}  // namespace

extern const Command kShowCommand;
const Command kShowCommand = {"show", "show one transaction, with the rows before and after it",
                              spec, run};

}  // namespace litetool
