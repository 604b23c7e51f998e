#include "cmd/restore_report.h"

#include "cmd/past_args.h"
#include "cmd/point_args.h"
#include "formats/base/text.h"

namespace litetool {

void add_check_flag(ArgSpec& spec) {
  spec.choice("--check", 0, "DEPTH", "ask SQLite about the result: quick (default), full or none",
              {"none", "quick", "full"});
}

RestoreCheck check_of(const Args& args) {
  const std::string depth = args.get("--check", "quick");
  if (depth == "none") return RestoreCheck::kNone;
  return depth == "full" ? RestoreCheck::kFull : RestoreCheck::kQuick;
}

Json plan_json(const SourcePlace& place, const RestorePlan& plan) {
  return Json{{"source", source_kind_name(place.kind)},
              {"database", place.name},
              {"txid", plan.moment.txid.text()},
              {"time", time_json(plan.moment.time_ms)},
              {"pages", plan.commit()},
              {"page_size", plan.page_size()},
              {"size_bytes", plan.size_bytes()}};
}

std::string plan_text(const RestorePlan& plan) {
  return moment_text(plan.moment) + ": " + grouped(plan.commit()) + " pages, " +
         human_size(plan.size_bytes());
}

}  // namespace litetool
