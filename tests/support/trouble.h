// What may go wrong at the k-th effect: a disk that fails, a death, and what a power cut takes
// then.
#pragma once

#include <vector>

#include "tests/support/fault_env.h"
#include "tests/support/unsynced_env.h"

namespace litetool::test {

struct Trouble {
  const char* name;
  FaultEnv::Fault fault;
  Lost lost;
  bool is_death() const { return fault == FaultEnv::Fault::kDead; }
};

inline const std::vector<Trouble>& troubles() {
  using Fault = FaultEnv::Fault;
  static const std::vector<Trouble> all = {
      {"one effect finds a full disk", Fault::kDiskFull, Lost::kNothing},
      {"the disk stays full", Fault::kDiskStaysFull, Lost::kNothing},
      {"one effect fails", Fault::kIoError, Lost::kNothing},
      {"a kill", Fault::kDead, Lost::kNothing},
      {"a power cut takes all that is unsynced", Fault::kDead, Lost::kAll},
      {"a power cut takes unsynced data", Fault::kDead, Lost::kData},
      {"a power cut takes unsynced names", Fault::kDead, Lost::kNames},
      {"a power cut takes some unsynced data", Fault::kDead, Lost::kSomeData},
  };
  return all;
}

}  // namespace litetool::test
