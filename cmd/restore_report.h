// What restoring and forking have in common on the command line.
#pragma once

#include <string>

#include "cmd/args.h"
#include "cmd/json.h"
#include "core/restore/restore.h"
#include "core/source/find_source.h"

namespace litetool {

// "--check DEPTH", and what was given.
void add_check_flag(ArgSpec& spec);
RestoreCheck check_of(const Args& args);

// What reports begin with.
Json plan_json(const SourcePlace& place, const RestorePlan& plan);
// "transaction 0000000000000029 of 2026-11-20T11:30:00.000+01:00: 2 pages, 8.0 KiB"
std::string plan_text(const RestorePlan& plan);

}  // namespace litetool
