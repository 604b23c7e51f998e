#include "cmd/retention_settings.h"

namespace litetool {

RetentionPolicy retention_of(const Settings& settings) {
  RetentionPolicy policy;
  policy.every_for_ms = settings.duration_ms("retention.transactions_for");
  policy.minutes_for_ms = settings.duration_ms("retention.minutes_for");
  policy.hours_for_ms = settings.duration_ms("retention.hours_for");
  policy.size_cap = settings.size_bytes("retention.size_cap");
  return policy;
}

}  // namespace litetool
