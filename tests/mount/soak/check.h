// Holds a history against the ledger of what happened.
#pragma once

#include <string>
#include <vector>

#include "soak/place.h"

namespace litetool::soak {

struct Verdict {
  std::vector<std::string> faults;
  int transactions = 0;
  int marked = 0;
  int recorded = 0;
  int merged = 0;  // recorded states that have no transaction of their own, with a reason
};

// A database that is taken in turns: each transaction of the history is a recorded state, in order;
// each recorded state is there unless a marked transaction stands for it; the last one is there.
Verdict check_recorded(const Place& place, const std::string& database);

// A database without turns: each transaction is a sound database with at most one entry more than
// the one before, none is lost, and the last one is the last recorded state.
Verdict check_free(const Place& place, const std::string& database);

}  // namespace litetool::soak
