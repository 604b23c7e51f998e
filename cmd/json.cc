// Half of the time that a command takes to compile would go into this again.
#include "cmd/json.h"

template class nlohmann::basic_json<nlohmann::ordered_map>;
