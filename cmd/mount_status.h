// What a mount says about itself: the JSON text of the file .litetool-status in it, and reading it.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "cmd/json.h"
#include "core/capture/witness.h"

namespace litetool {

inline constexpr const char* kMountStatusFile = ".litetool-status";

// What does not change while it serves.
struct MountFacts {
  std::string mount_point;
  std::string source;
  std::string history;    // folder of the histories
  std::string tier;       // empty until it is known
  std::string transport;  // likewise
  std::int64_t started_ms = 0;
};

// `shown`: which databases it is to name.
std::string mount_status_text(const MountFacts& facts, Witness& witness,
                              const std::function<bool(const std::string& database)>& shown);

// A member of an object that a mount has written; empty or 0 where it is missing or something else.
std::string text_in(const Json& object, const char* name);
std::int64_t number_in(const Json& object, const char* name);

// The status of the mount at this directory; nothing when no daemon of ours serves it.
std::optional<Json> read_mount_status(const std::string& mount_point);

}  // namespace litetool
