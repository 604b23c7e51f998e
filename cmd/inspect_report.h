// What `litetool inspect` says about a file, as one JSON object for each kind; text is made from
// it.
#pragma once

#include <string>

#include "cmd/json.h"
#include "core/inspect/summary.h"

namespace litetool {

Json report_of(const DatabaseSummary& s);
Json report_of(const WalSummary& s);
Json report_of(const WalIndexSummary& s);
Json report_of(const JournalSummary& s);
// A single LTX file; of a segment, its first and last image.
Json report_of(const LtxSummary& s, bool segment);
Json report_of(const ltx::Header& header, const ltx::Tail& tail);

// {"message", "offset"}, or null.
Json damage_json(const std::optional<Error>& damage);
// One line a field, names padded; nulls are left out, members of objects indented.
std::string report_text(const Json& report);

}  // namespace litetool
