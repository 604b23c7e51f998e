// litetool tag: names for points of a history.
#include "cmd/command.h"
#include "cmd/history_place.h"
#include "cmd/past_args.h"
#include "cmd/point_args.h"
#include "core/history/tags.h"
#include "core/source/history_source.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

ArgSpec spec() {
  return ArgSpec()
      .about(std::string("ACTION is 'add', 'list' or 'delete'. A name may then be used as tag:NAME "
                         "wherever a\npoint is asked for, and the retention keeps its point until "
                         "the tag is deleted.\n\n") +
             kPointHelp)
      .value("--at", 0, "POINT", "the point to be named (default: latest)")
      .toggle("--force", 'f', "let a name that is given already stand for another point")
      .positional("DB", Arity::kOne, "database with a history, mounted or not")
      .positional("ACTION", Arity::kOne, "add, list or delete", Complete::kNothing)
      .positional("NAME", Arity::kOptional, "letters, digits and . _ - + : @ /", Complete::kNothing)
      .path("DB", PathUse::kChangesHistory)
      .exit_code(kExitNotFound, "no history, no such point or no such tag")
      .exit_code(kExitExists, "the name stands for another point and --force was not given")
      .exit_code(kExitUnsupported, "the history is not litetool's own")
      .example("litetool tag data/app.db add before-upgrade", "name the state of this moment")
      .example("litetool tag data/app.db add good --at '10m ago'", "name a point of the past")
      .example("litetool restore data/app.db --at tag:good -o good.db", "go back to it")
      .example("litetool tag data/app.db list", "all names and what they stand for");
}

// The history that has the tags.
Result<std::string> folder_of(Context& context, const std::string& path) {
  LT_ASSIGN(const SourcePlace place, named_source(context, path));
  if (place.kind == SourceKind::kLitetool) return place.folders.front();
  return Error(Errc::kUnsupported, path + " is not a history of litetool's (" +
                                       source_kind_name(place.kind) + "): only those have tags");
}

Json tag_json(const std::string& name, const Moment& moment, std::int64_t made_ms) {
  return Json{{"name", name},
              {"txid", moment.txid.text()},
              {"time", time_json(moment.time_ms)},
              {"made", time_json(made_ms)}};
}

// The moment that a tag stands for; without a time when it cannot be had any more.
Result<Moment> moment_of(Context& context, const HistorySource& source, const Tag& tag) {
  Point point;
  point.kind = Point::Kind::kTxid;
  point.txid = tag.txid;
  const auto found = source.find(point, now_here(context));
  if (found) return found->moment;
  if (found.error().code != Errc::kNotFound) return found.error();
  return Moment{tag.txid, 0};
}

Result<int> add(const Args& args, Context& context, const std::string& name) {
  const Now now = now_here(context);
  LT_ASSIGN(const Point point, parse_point(args.get("--at", "latest"), now));
  LT_ASSIGN(const SourcePlace place, named_source(context, args.one("DB")));
  LT_ASSIGN(const auto source, open_source(context.job(1), place));
  LT_ASSIGN(const FoundMoment found, source->find(point, now));
  const Moment& moment = found.moment;
  const Tag tag{name, moment.txid, now.ms};
  LT_TRY(add_tag(context.job(1), place.folders.front(), tag, args.has("--force")));
  if (context.out.json_mode()) {
    context.out.document(tag_json(name, moment, now.ms));
  } else {
    context.out.note("tag '" + name + "' stands for " + moment_text(moment));
  }
  return kExitDone;
}

Result<int> list(const Args& args, Context& context, const std::string& folder) {
  LT_ASSIGN(const std::vector<Tag> tags, read_tags(context.env, kCwd, folder));
  LT_ASSIGN(const SourcePlace place, named_source(context, args.one("DB")));
  LT_ASSIGN(const auto source, open_source(context.job(1), place));
  Table table({{"NAME"}, {"TXID"}, {"TIME"}, {"MADE"}});
  for (const Tag& tag : tags) {
    LT_ASSIGN(const Moment moment, moment_of(context, *source, tag));
    if (context.out.json_mode()) {
      context.out.json_line(tag_json(tag.name, moment, tag.made_ms));
      continue;
    }
    table.row({tag.name, moment.txid.text(), local_time_text(moment.time_ms),
               local_time_text(tag.made_ms)});
  }
  if (!table.empty()) context.out.text(table.text());
  return kExitDone;
}

Result<int> remove(Context& context, const std::string& folder, const std::string& name) {
  LT_ASSIGN(const Tag tag, delete_tag(context.job(1), folder, name));
  if (context.out.json_mode()) {
    context.out.document(
        Json{{"name", name}, {"txid", tag.txid.text()}, {"made", time_json(tag.made_ms)}});
  } else {
    context.out.note("tag '" + name + "' of transaction " + tag.txid.text() + " is deleted");
  }
  return kExitDone;
}

Result<int> run(const Args& args, Context& context) {
  const std::string action = args.one("ACTION");
  const std::vector<std::string>& names = args.all("NAME");
  if (action != "add" && action != "list" && action != "delete") {
    return Error(Errc::kUsage, "'" + printable(action) + "' is no action: use add, list or delete");
  }
  if ((action == "list") != names.empty()) {
    return Error(Errc::kUsage, action == "list" ? "'list' takes no NAME" : "NAME is missing");
  }
  if (action != "add" && (args.has("--at") || args.has("--force"))) {
    return Error(Errc::kUsage, "--at and --force are for 'add'");
  }
  LT_ASSIGN(const std::string folder, folder_of(context, args.one("DB")));
  if (action == "add") return add(args, context, names.front());
  return action == "list" ? list(args, context, folder) : remove(context, folder, names.front());
}

}  // namespace

extern const Command kTagCommand;
const Command kTagCommand = {"tag", "name points of a history", spec, run};

}  // namespace litetool
