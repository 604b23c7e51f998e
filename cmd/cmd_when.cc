// litetool when: the transaction of an instant, the instant of a transaction.
#include "cmd/command.h"
#include "cmd/history_place.h"
#include "cmd/past_args.h"
#include "cmd/point_args.h"
#include "core/source/history_source.h"

namespace litetool {
namespace {

ArgSpec spec() {
  return ArgSpec()
      .about(std::string("Says which transaction a point means, when it was, and until when its "
                         "state lasted.\n\n") +
             kPointHelp)
      .positional("DB", Arity::kOne, "database, replica or folder of LTX files")
      .positional("POINT", Arity::kOne, "a point in time", Complete::kNothing)
      .path("DB", PathUse::kReadsHistory)
      .exit_code(kExitBrokenChain, "files are missing on the way to the point")
      .exit_code(kExitNotFound, "there is no history or no such point")
      .exit_code(kExitUnsupported, "a replica of Litestream 0.3, which has no transactions")
      .example("litetool when data/app.db 41", "when was transaction 41")
      .example("litetool when data/app.db '2026-11-20 10:30'", "what was the last one by then");
}

Result<int> run(const Args& args, Context& context) {
  const Now now = now_here(context);
  LT_ASSIGN(const Point point, parse_point(args.one("POINT"), now));
  LT_ASSIGN(const SourcePlace place, named_source(context, args.one("DB")));
  LT_ASSIGN(const auto source, open_source(context.job(1), place));
  LT_ASSIGN(const FoundMoment found, source->find(point, now));
  const Moment& moment = found.moment;
  std::vector<std::string> names;
  LT_ASSIGN(const std::vector<Tag> tags, source->tags());
  for (const Tag& tag : tags) {
    if (tag.txid == moment.txid) names.push_back(tag.name);
  }
  if (context.out.json_mode()) {
    context.out.document(Json{{"source", source_kind_name(place.kind)},
                              {"database", place.name},
                              {"txid", moment.txid.text()},
                              {"time", time_json(moment.time_ms)},
                              {"next_txid", found.next ? Json(found.next->txid.text()) : Json()},
                              {"next_time", found.next ? time_json(found.next->time_ms) : Json()},
                              {"tags", names}});
    return kExitDone;
  }
  context.out.line(moment_text(moment));
  context.out.line(found.next ? "followed by " + moment_text(*found.next)
                              : "the newest in the history");
  for (const std::string& name : names) context.out.line("tag:" + name);
  return kExitDone;
}

}  // namespace

extern const Command kWhenCommand;
const Command kWhenCommand = {"when", "tell the transaction of an instant, and the other way", spec,
                              run};

}  // namespace litetool
