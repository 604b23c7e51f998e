// Setting aside what cannot be trusted in a history, so that readers find only what is whole.
//
// Bytes go to quarantine/<file>-<offset>, with a number behind it where that name is taken, and a
// note of the same name and ".note" says why. Nothing is ever overwritten there.
#pragma once

#include <functional>
#include <string>

#include "core/os/job.h"
#include "formats/base/ids.h"

namespace litetool {

// Moves what stands behind `complete_bytes` of the file `name` in `folder` to quarantine. `why`
// goes into the note.
Status quarantine_tail(Env& env, int dir, const std::string& folder, const std::string& name,
                       std::uint64_t complete_bytes, const std::string& why);

// A damaged history is to go on with a base, the transaction `base`, after which the damage can be
// moved away. Noted on the disk, in the file "damaged", so that it is done whoever dies in between.
Status note_damage(Env& env, int dir, const std::string& folder, Txid base);
// Does what was noted, if anything, for a history that ends at `end`: reads every file of it whole,
// and moves each that is damaged, from its first bad image on, to quarantine. `warn` hears of each
// one. What stands before the damage stays where it is. Where the base has not come, nothing is
// moved, and the note goes. After an error it stays for the next start.
Status quarantine_noted_damage(const Job& job, int dir, const std::string& folder, Txid end,
                               const std::function<void(const std::string&)>& warn);

}  // namespace litetool
