// Points in time on the command line.
#pragma once

#include <string>

#include "cmd/args.h"
#include "cmd/command.h"
#include "core/source/point.h"

namespace litetool {

// What a command's help says about points; ends with a period.
extern const char* const kPointHelp;

// Now, in the time zone of whoever runs the command.
Now now_here(Context& context);

// "2026-11-20T11:30:00.000+01:00" in local time for people; "an unknown time" for 0.
std::string local_time_text(std::int64_t time_ms);
// In UTC for JSON; null for 0.
Json time_json(std::int64_t time_ms);

}  // namespace litetool
