// The one place that includes the JSON library.
//
// Rules for every document: snake_case names; TXIDs, checksums and other 64-bit ids as 16-digit hex
// strings; times RFC 3339 with milliseconds and Z; a document lists every field (null when absent);
// fields are only ever added.
#pragma once

#include <nlohmann/json.hpp>

extern template class nlohmann::basic_json<nlohmann::ordered_map>;  // in json.cc, once

namespace litetool {

using Json = nlohmann::ordered_json;

}  // namespace litetool
