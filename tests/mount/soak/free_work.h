// Clients of one database that do not wait for each other: only what each transaction leaves in the
// database says afterwards what it should be.
#pragma once

#include <atomic>
#include <string>

#include "soak/place.h"

namespace litetool::soak {

// Transactions until `stop`; each adds exactly one row to table "entries" and changes other rows.
// The number of each acknowledged entry goes to the file STEM.acknowledged.
void work_freely(const Place& place, const std::string& database, std::uint64_t seed,
                 const std::atomic<bool>& stop);

}  // namespace litetool::soak
