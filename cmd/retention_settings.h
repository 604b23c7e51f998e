// The settings under [retention] as a policy.
#pragma once

#include "core/config/settings.h"
#include "core/history/retention.h"

namespace litetool {

RetentionPolicy retention_of(const Settings& settings);

}  // namespace litetool
