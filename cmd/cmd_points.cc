// litetool points: what can be restored of a history, and what not.
#include <algorithm>

#include "cmd/command.h"
#include "cmd/history_place.h"
#include "cmd/point_args.h"
#include "core/source/history_source.h"
#include "core/source/stretches.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

ArgSpec spec() {
  return ArgSpec()
      .about(
          "Shows the stretches of a history with their grain: where every transaction can be\n"
          "restored, where only the ends of ranges that were merged, and where snapshots stand\n"
          "alone. What lies between two stretches cannot be had, and is named as a gap.")
      .positional("DB", Arity::kOne, "database, replica or folder of LTX files")
      .path("DB", PathUse::kReadsHistory)
      .exit_code(kExitBrokenChain, "files are there, but none of them leads to a state")
      .exit_code(kExitNotFound, "there is no history")
      .exit_code(kExitUnsupported, "a replica of Litestream 0.3, which has no transactions")
      .example("litetool points data/app.db", "how far back, and how finely")
      .example("litetool points /backup/replica", "the same of a replica of Litestream");
}

// What no state is of, and why.
struct Gap {
  Txid first;
  std::optional<Txid> last;  // nothing: up to the end
  std::string why;
};

std::string gap_text(const Gap& gap) {
  const std::string until = gap.last ? " to " + gap.last->text() : " on";
  return "gap: " + gap.first.text() + until + ": " + gap.why;
}

// `hole`: what comes after the last stretch, if anything.
std::vector<Gap> find_gaps(const std::vector<Stretch>& stretches,
                           const std::optional<Error>& hole) {
  std::vector<Gap> gaps;
  for (std::size_t i = 1; i < stretches.size(); ++i) {
    const Txid before = stretches[i - 1].last.txid;
    const Txid after = stretches[i].first.txid;
    if (after.value <= before.value + 1) continue;
    gaps.push_back({Txid{before.value + 1}, Txid{after.value - 1},
                    "no file leads there from the states before"});
  }
  if (hole && !stretches.empty()) {
    gaps.push_back({Txid{stretches.back().last.txid.value + 1}, std::nullopt, hole->message});
  }
  return gaps;
}

Json moment_json(const Moment& moment) {
  return Json{{"txid", moment.txid.text()}, {"time", time_json(moment.time_ms)}};
}

void print_json(Context& context, const SourcePlace& place, const std::vector<Stretch>& stretches,
                const std::vector<Gap>& gaps) {
  Json j{{"source", source_kind_name(place.kind)},
         {"database", place.name},
         {"stretches", Json::array()},
         {"gaps", Json::array()}};
  for (const Stretch& s : stretches) {
    j["stretches"].push_back(Json{{"grain", grain_text(s.grain)},
                                  {"points", s.points},
                                  {"first", moment_json(s.first)},
                                  {"last", moment_json(s.last)}});
  }
  for (const Gap& gap : gaps) {
    j["gaps"].push_back(Json{{"first_txid", gap.first.text()},
                             {"last_txid", gap.last ? Json(gap.last->text()) : Json()},
                             {"why", gap.why}});
  }
  context.out.document(j);
}

void print_text(Context& context, const std::vector<Stretch>& stretches,
                const std::vector<Gap>& gaps) {
  Table table(
      {{"GRAIN"}, {"POINTS", Table::Align::kRight}, {"FIRST TXID"}, {"OF"}, {"LAST TXID"}, {"OF"}});
  auto gap = gaps.begin();
  for (const Stretch& s : stretches) {
    for (; gap != gaps.end() && gap->first < s.first.txid; ++gap) table.remark(gap_text(*gap));
    table.row({grain_text(s.grain), grouped(s.points), s.first.txid.text(),
               local_time_text(s.first.time_ms), s.last.txid.text(),
               local_time_text(s.last.time_ms)});
  }
  for (; gap != gaps.end(); ++gap) table.remark(gap_text(*gap));
  context.out.text(table.text());
}

struct Found {
  std::vector<Stretch> stretches;
  std::optional<Error> hole;
};
Result<Found> find(Context& context, const SourcePlace& place) {
  if (place.kind == SourceKind::kLitetool) {
    LT_ASSIGN(auto quick, stretches_of_files(context.job(1), place.folders.front()));
    if (quick) return Found{*std::move(quick), std::nullopt};
  }
  LT_ASSIGN(const auto source, open_source(context.job(1), place));
  LT_ASSIGN(std::vector<ImageRef> images, source->images());
  Txid newest;
  for (const ImageRef& image : images) newest = std::max(newest, image.header.max_txid);
  const std::vector<Step> steps = find_steps(std::move(images));
  const auto hole = source->hole();
  return Found{find_stretches(steps), hole ? hole : hole_behind(steps, newest)};
}

Result<int> run(const Args& args, Context& context) {
  LT_ASSIGN(const SourcePlace place, named_source(context, args.one("DB")));
  LT_ASSIGN(const Found found, find(context, place));
  const std::vector<Stretch>& stretches = found.stretches;
  if (stretches.empty()) {
    if (found.hole) return *found.hole;
    return Error(Errc::kNotFound, place.name + ": the history has no transactions");
  }
  const std::vector<Gap> gaps = find_gaps(stretches, found.hole);
  if (context.out.json_mode()) {
    print_json(context, place, stretches, gaps);
  } else {
    print_text(context, stretches, gaps);
  }
  return kExitDone;
}

}  // namespace

extern const Command kPointsCommand;
const Command kPointsCommand = {"points", "show what can be restored, and how finely", spec, run};

}  // namespace litetool
