// At start: what a redo log (redo_log.h) has of a segment and the segment may not have.
#pragma once

#include <string>

#include "core/os/env.h"

namespace litetool {

// Makes the history in `folder` whole with its redo log, which is gone afterwards; does nothing
// where there is none. To be called before anything else looks at the history. After an
// error the log is still there. `machine_restarted`: since the history was last at work.
Status redo(Env& env, int dir, const std::string& folder, bool machine_restarted);

}  // namespace litetool
