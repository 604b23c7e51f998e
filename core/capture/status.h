// What the mount can say about one database at a moment: a value for `status` and for people.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "formats/base/ids.h"

namespace litetool {

enum class CaptureState : std::uint8_t {
  kLoading,      // its history is being brought to the state of its files
  kReady,        // what is committed is captured
  kNotCaptured,  // served, but something stands in the way; tried again by and by
};
// "loading", "ready", "not captured".
const char* capture_state_text(CaptureState state);

struct DatabaseStatus {
  std::string path;  // relative to the mounted directory
  CaptureState state = CaptureState::kLoading;
  std::string why;              // what stands in the way; empty unless it is not captured
  Pos pos;                      // the end of the history
  Pgno commit = 0;              // pages of the database there; 0 = it was dropped
  std::uint32_t page_size = 0;  // bytes; 0 without a history
  std::string journal_mode;     // "wal" or "rollback" by the file's header; empty: no such file
  std::int64_t lag_ms = 0;      // how long the oldest change that is not captured has waited
  std::string last_error;       // of the last capture that failed, if it was made up for or not
  std::uint32_t sqlite_version = 0;  // of the library that wrote last, 3040001 = 3.40.1; 0: unknown
  std::vector<std::string> warnings;
};

}  // namespace litetool
