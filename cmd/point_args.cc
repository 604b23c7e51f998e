#include "cmd/point_args.h"

#include "core/os/time_zone.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

const TimeZone& here() {
  static const TimeZone kZone = TimeZone::local();
  return kZone;
}

}  // namespace

const char* const kPointHelp =
    "POINT is 'latest', 'latest~5' (transactions back), a transaction id (16 hex digits,\n"
    "0x29 or decimal), an instant (2026-11-20T10:30:00Z; '2026-11-20 10:30' in local\n"
    "time), '10m ago', 'yesterday 14:00' or tag:NAME. An instant means the last\n"
    "transaction at or before it.";

Now now_here(Context& context) {
  return Now{context.env.now_ms(), here()};
}

std::string local_time_text(std::int64_t time_ms) {
  return time_ms == 0 ? "an unknown time" : here().text(time_ms);
}

Json time_json(std::int64_t time_ms) {
  return time_ms == 0 ? Json() : Json(rfc3339_ms(time_ms));
}

}  // namespace litetool
