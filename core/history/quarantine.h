// Setting aside what cannot be trusted in a history, so that readers find only what is whole.
//
// Bytes go to quarantine/<file>-<offset>, with a number behind it where that name is taken, and a
// note of the same name and ".note" says why. Nothing is ever overwritten there.
#pragma once

#include <functional>
#include <string>

#include "core/os/job.h"

namespace litetool {

// Moves what stands behind `complete_bytes` of the file `name` in `folder` to quarantine. `why`
// goes into the note.
Status quarantine_tail(Env& env, int dir, const std::string& folder, const std::string& name,
                       std::uint64_t complete_bytes, const std::string& why);

// Reads every file of a history whole, and moves each that is damaged, from its first bad image on,
// to quarantine. `warn` hears of each one. What stands before the damage stays where it is.
Status quarantine_damage(const Job& job, int dir, const std::string& folder,
                         const std::function<void(const std::string&)>& warn);

}  // namespace litetool
