// The history of a database, as pages: each transaction in turn, rebuilt by applying one image
// after another, which only needs the parts of litetool that decode them.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "core/history/history_reader.h"
#include "soak/state.h"

namespace litetool::soak {

struct Point {
  Txid first;  // differs from `last` where background work has merged transactions
  Txid last;
  bool marked = false;  // capture had to infer it
  std::uint32_t page_size = 0;
  Bytes image;  // all pages; empty after a drop
};

// Calls `visit` for each transaction. Throws std::runtime_error where the history cannot be read,
// or does not follow on itself.
void walk_history(const std::string& data, const std::string& database,
                  const std::function<void(const Point&)>& visit);

}  // namespace litetool::soak
