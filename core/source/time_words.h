// Instants as people write them; the list is in core/source/point.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/os/time_zone.h"

namespace litetool {

// Milliseconds since the epoch; nothing for what is no instant. Words and units may be in either
// case, blanks between them any number.
std::optional<std::int64_t> parse_time_words(std::string_view text, std::int64_t now_ms,
                                             const TimeZone& zone);

}  // namespace litetool
