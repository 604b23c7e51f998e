// litetool when: the transaction of an instant, the instant of a transaction.
#include <algorithm>

#include "cmd/command.h"
#include "cmd/past_args.h"
#include "cmd/point_args.h"

namespace litetool {
namespace {

ArgSpec spec() {
  return ArgSpec()
      .about(std::string("Says which transaction a point means, when it was, and until when its "
                         "state lasted.\n\n") +
             kPointHelp)
      .positional("DB", Arity::kOne, "database, replica or folder of LTX files")
      .positional("POINT", Arity::kOne, "a point in time", Complete::kNothing)
      .exit_code(kExitBrokenChain, "files are missing on the way to the point")
      .exit_code(kExitNotFound, "there is no history or no such point")
      .exit_code(kExitUnsupported, "a replica of Litestream 0.3, which has no transactions")
      .example("litetool when data/app.db 41", "when was transaction 41")
      .example("litetool when data/app.db '2026-11-20 10:30'", "what was the last one by then");
}

Result<int> run(const Args& args, Context& context) {
  const Now now = now_here(context);
  LT_ASSIGN(const Point point, parse_point(args.one("POINT"), now));
  LT_ASSIGN(const NamedSource named, open_named_source(context, args.one("DB"), 1));
  LT_ASSIGN(const Moment moment, resolve_in(*named.source, point, now));
  LT_ASSIGN(const std::vector<Tag> tags, named.source->tags());
  const std::vector<Moment>& moments = named.source->moments();
  const auto next = std::ranges::upper_bound(moments, moment.txid, {}, &Moment::txid);
  std::vector<std::string> names;
  for (const Tag& tag : tags) {
    if (tag.txid == moment.txid) names.push_back(tag.name);
  }
  if (context.out.json_mode()) {
    const bool is_last = next == moments.end();
    context.out.document(Json{{"source", source_kind_name(named.place.kind)},
                              {"database", named.place.name},
                              {"txid", moment.txid.text()},
                              {"time", time_json(moment.time_ms)},
                              {"next_txid", is_last ? Json() : Json(next->txid.text())},
                              {"next_time", is_last ? Json() : time_json(next->time_ms)},
                              {"tags", names}});
    return kExitDone;
  }
  context.out.line(moment_text(moment));
  context.out.line(next == moments.end() ? "the newest in the history"
                                         : "followed by " + moment_text(*next));
  for (const std::string& name : names) context.out.line("tag:" + name);
  return kExitDone;
}

}  // namespace

extern const Command kWhenCommand;
const Command kWhenCommand = {"when", "tell the transaction of an instant, and the other way", spec,
                              run};

}  // namespace litetool
