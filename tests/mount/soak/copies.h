// Databases that come to be, move and go as files.
#pragma once

#include "soak/place.h"
#include "soak/session.h"

namespace litetool::soak {

// Of a closed database, alone: lets SQLite clear its journal and log away.
void settle_files(Session& session);
// Of a closed and settled database, alone: a copy from outside takes its place, by cp or by mv.
void replace_by_copy(const Place& place, Session& session, Chance& chance);
// A second database beside it is made, written, moved or removed; the turn of the first guards it.
void copy_about(const Place& place, Session& session, Chance& chance);

}  // namespace litetool::soak
