// litetool log: the transactions of a history, newest first.
#include <unistd.h>

#include <limits>
#include <optional>

#include "cmd/command.h"
#include "cmd/history_place.h"
#include "cmd/past_args.h"
#include "cmd/point_args.h"
#include "cmd/step_printer.h"
#include "core/history/tags.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

constexpr std::uint64_t kFollowed = 10;  // steps that --follow begins with
constexpr int kPauseUs = 200'000;

ArgSpec spec() {
  return ArgSpec()
      .about(std::string(
                 "One line for each transaction: when, how many pages and bytes, the size after\n"
                 "it, and the tables it touched. Transactions that were merged are one line, and\n"
                 "so is what had to be inferred by comparing; both say so. Where more than\n"
                 "10,000 images would have to be read for the tables they are left out, unless\n"
                 "--stat or --table asks for them.\n\n") +
             kPointHelp)
      .value("--number", 'n', "N", "no more than N lines")
      .value("--since", 0, "POINT", "only what came after this point")
      .value("--until", 0, "POINT", "only what came up to this point")
      .value("--table", 0, "TABLE", "only what touched this table or an index of it")
      .toggle("--stat", 0, "count the pages of each table")
      .toggle("--follow", 0, "oldest first, and go on with what comes, until interrupted")
      .positional("DB", Arity::kOne, "database, replica or folder of LTX files")
      .path("DB", PathUse::kReadsHistory)
      .paged("--follow")
      .exit_code(kExitCorrupt, "a file of the history is damaged")
      .exit_code(kExitBrokenChain, "files are missing that lead to a state")
      .exit_code(kExitNotFound, "there is no history or no such tag")
      .exit_code(kExitUnsupported, "a replica of Litestream 0.3, which has no transactions")
      .exit_code(kExitInterrupted, "interrupted while it followed")
      .example("litetool log data/app.db -n 20", "the last twenty transactions")
      .example("litetool log data/app.db --table users --since 'yesterday 00:00'",
               "who touched users")
      .example("litetool log data/app.db --follow", "transactions as they come");
}

// One end of what is shown, once it is known.
struct Bound {
  std::optional<Point> point;

  // Whether the step is no later than the bound; `newest` is the last of the history.
  bool reaches(const Step& step, Txid newest) const {
    switch (point->kind) {
      case Point::Kind::kTime:
        return step.time_ms <= point->time_ms;
      case Point::Kind::kLatest:
        return newest.value >= point->back && step.txid().value <= newest.value - point->back;
      default:
        return step.txid() <= point->txid;
    }
  }
};

Result<Bound> bound_of(const Args& args, Context& context, const SourcePlace& place,
                       const char* flag) {
  Bound bound;
  if (!args.has(flag)) return bound;
  LT_ASSIGN(Point point, parse_point(args.get(flag), now_here(context)));
  if (point.kind == Point::Kind::kTag) {
    std::vector<Tag> tags;
    if (place.kind == SourceKind::kLitetool) {
      LT_ASSIGN(tags, read_tags(context.env, kCwd, place.folders.front()));
    }
    LT_ASSIGN(point, resolve_tag(point, tags));
  }
  bound.point = point;
  return bound;
}

class Log {
 public:
  Log(const Args& args, Context& context, SourcePlace place, Bound since, Bound until)
      : args_(args),
        context_(context),
        place_(std::move(place)),
        since_(std::move(since)),
        until_(std::move(until)),
        printer_(context, args.has("--stat")) {}

  // The newest first.
  Status print(std::uint64_t most) {
    LT_TRY(printer_.read_marks_of(place_));
    auto live = live_copy(context_, args_.one("DB"), place_);
    LT_ASSIGN(auto walk, walk_steps(context_.job(1), place_));
    StepReader reader(context_.job(1), std::move(walk), temp_directory(), std::move(live));
    std::optional<Txid> newest;
    std::optional<Step> newer;
    for (std::uint64_t shown = 0; shown < most && !context_.out.reader_gone();) {
      LT_ASSIGN(const auto step, reader.next());
      if (!step) break;
      if (!newest) newest = step->txid();
      if (since_.point && since_.reaches(*step, *newest)) break;
      if (until_.point && !until_.reaches(*step, *newest)) continue;
      if (newer) printer_.gap(*step, *newer);
      newer = step;
      LT_ASSIGN(const std::optional<StepReport> report,
                report_on(reader, *step, args_.has("--stat"), args_.get("--table")));
      if (!report) continue;
      printer_.print(*report);
      ++shown;
    }
    printer_.end();
    return {};
  }

  // The last ones, the oldest first, and then what comes.
  Result<int> follow(std::uint64_t first) {
    Txid seen;
    for (bool begun = false;; begun = true) {
      LT_TRY(printer_.read_marks_of(place_));
      LT_TRY(print_after(seen, begun ? std::numeric_limits<std::uint64_t>::max() : first));
      LT_TRY(context_.out.finish());
      if (context_.out.reader_gone()) return kExitDone;
      if (context_.stop) return kExitInterrupted;
      ::usleep(kPauseUs);
    }
  }

 private:
  Status print_after(Txid& seen, std::uint64_t most) {
    LT_ASSIGN(auto walk, walk_steps(context_.job(1), place_));
    StepReader reader(context_.job(1), std::move(walk), temp_directory(), nullptr);
    std::vector<StepReport> reports;
    Txid newest = seen;
    for (;;) {
      LT_ASSIGN(const auto step, reader.next());
      if (!step || step->txid() <= seen) break;
      newest = std::max(newest, step->txid());
      if (reports.size() >= most) break;
      if (since_.point && since_.reaches(*step, newest)) break;
      LT_ASSIGN(std::optional<StepReport> report,
                report_on(reader, *step, args_.has("--stat"), args_.get("--table")));
      if (report) reports.push_back(*std::move(report));
    }
    for (auto report = reports.rbegin(); report != reports.rend(); ++report) {
      printer_.print(*report);
    }
    seen = newest;
    return {};
  }

  const Args& args_;
  Context& context_;
  const SourcePlace place_;
  const Bound since_;
  const Bound until_;
  StepPrinter printer_;
};

Result<int> run(const Args& args, Context& context) {
  constexpr std::uint64_t kAll = std::numeric_limits<std::uint64_t>::max();
  const bool follow = args.has("--follow");
  LT_ASSIGN(const std::uint64_t most, args.number("--number", follow ? kFollowed : kAll, 0, kAll));
  if (follow && args.has("--until")) {
    return Error(Errc::kUsage, "--follow has no end: --until does not go with it");
  }
  LT_ASSIGN(const SourcePlace place, named_source(context, args.one("DB")));
  LT_ASSIGN(Bound since, bound_of(args, context, place, "--since"));
  LT_ASSIGN(Bound until, bound_of(args, context, place, "--until"));
  Log log(args, context, place, std::move(since), std::move(until));
  if (follow) return log.follow(most);
  LT_TRY(log.print(most));
  return kExitDone;
}

}  // namespace

extern const Command kLogCommand;
const Command kLogCommand = {"log", "show the transactions of a history, newest first", spec, run};

}  // namespace litetool
