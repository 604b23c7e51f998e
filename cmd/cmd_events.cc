// litetool events: one JSON line for each transaction, as it is captured.
#include <poll.h>
#include <unistd.h>

#include <set>

#include "cmd/command.h"
#include "cmd/history_place.h"
#include "cmd/point_args.h"
#include "core/source/event_feed.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

constexpr int kPauseMs = 100;

ArgSpec spec() {
  return ArgSpec()
      .about(
          std::string("Prints one JSON object a line for each transaction of the databases below "
                      "DIR,\nwhether it is mounted or not; with the fields of the event stream of "
                      "LiteFS, and\nsome more. What compaction has merged is one event, from "
                      "minTXID to txID.\n\n") +
          kPointHelp)
      .toggle("--follow", 0, "go on with what comes, until interrupted")
      .value("--since", 0, "POINT",
             "only what came after this point (default: all; with --follow, what comes)")
      .positional("DIR", Arity::kOptional,
                  "directory with a history, or a database in it (default: the working directory)")
      .path("DIR", PathUse::kReadsHistory, "", ".")
      .exit_code(kExitNotFound, "DIR has no history")
      .exit_code(kExitInterrupted, "interrupted while it followed")
      .example("litetool events ./data", "every transaction in the history")
      .example("litetool events ./data --follow --since '10m ago'",
               "the last ten minutes, and what comes");
}

Json event_json(const TransactionEvent& event) {
  const HistoryImage& image = event.image;
  return Json{{"type", "tx"},
              {"db", event.database},
              {"data",
               {{"txID", image.max_txid.text()},
                {"postApplyChecksum", image.post_apply.text()},
                {"pageSize", image.page_size},
                {"commit", image.commit},
                {"timestamp", rfc3339_trimmed(image.timestamp_ms)},
                {"minTXID", image.min_txid.text()},
                {"preApplyChecksum", image.pre_apply.text()},
                {"sizeBytes", image.size},
                {"why", event.why.empty() ? Json() : Json(event.why)}}}};
}

// Waits a moment; true when nobody reads standard output any more.
bool reader_leaves() {
  pollfd out{STDOUT_FILENO, 0, 0};
  if (::poll(&out, 1, kPauseMs) <= 0) return false;
  if ((out.revents & POLLERR) != 0) return true;
  ::usleep(kPauseMs * 1000);  // poll does not wait for a descriptor of this kind
  return false;
}

// Prints what has come; the first history that could not be read, each told once.
Result<std::optional<Error>> print_new(EventFeed& feed, Context& context,
                                       std::set<std::string>& told) {
  LT_ASSIGN(const std::vector<TransactionEvent> events, feed.poll());
  for (const TransactionEvent& event : events) context.out.json_line(event_json(event));
  if (!events.empty()) LT_TRY(context.out.finish());
  std::optional<Error> first;
  for (const auto& [database, error] : feed.unreadable()) {
    if (!first) first = error;
    if (told.insert(database + error.text()).second) context.out.warn(error.text());
  }
  return first;
}

Result<int> run(const Args& args, Context& context) {
  const bool follow = args.has("--follow");
  std::optional<Point> since;
  if (args.has("--since") || follow) {
    LT_ASSIGN(since, parse_point(args.get("--since", "latest"), now_here(context)));
  }
  const std::vector<std::string>& given = args.all("DIR");
  LT_ASSIGN(const NamedHistories named,
            named_histories(context, given.empty() ? "." : given.front()));
  EventFeed feed(context.job(1), named.history, named.database, since);
  if (follow) {
    context.out.json_line(Json{{"type", "init"}, {"data", {{"isPrimary", true}}}});
    LT_TRY(context.out.finish());
  }
  std::set<std::string> told;
  while (true) {
    LT_ASSIGN(const std::optional<Error> unreadable, print_new(feed, context, told));
    if (!follow) return unreadable ? exit_code_of(unreadable->code) : kExitDone;
    if (context.out.reader_gone() || reader_leaves()) return kExitDone;
    if (context.stop) return kExitInterrupted;
  }
}

}  // namespace

extern const Command kEventsCommand;
const Command kEventsCommand = {"events", "print each transaction as it is captured", spec, run};

}  // namespace litetool
