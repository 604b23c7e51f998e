// Taking a mount away from outside.
#pragma once

#include <string>

#include "formats/base/result.h"

namespace litetool {

// Unmounts what litetool has mounted at the absolute path: itself as root, else with the help of
// fusermount3. `lazy` takes it out of sight also when files are open, which stay usable until they
// are closed. kNotFound when it is no mount of litetool; kFailed, naming who holds what, when it is
// busy.
Status unmount(const std::string& mount_point, bool lazy);

}  // namespace litetool
