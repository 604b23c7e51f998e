// On which processors threads run.
//
// A thread that was pinned passes that on to the threads it starts: those that are not meant to
// share its processor say so with run_anywhere().
#pragma once

#include <vector>

#include "formats/base/result.h"

namespace litetool {

// How many processors there could be; their numbers are below it.
Result<unsigned> possible_processors();
// Those that this process may run on. Asked once, by the first caller, which must not be pinned.
const std::vector<unsigned>& allowed_processors();

// The calling thread runs on this processor only, if it is an allowed one.
void pin_to_processor(unsigned processor);
// The calling thread runs on any of the allowed processors.
void run_anywhere();

}  // namespace litetool
