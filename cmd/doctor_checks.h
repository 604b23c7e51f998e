// What 'litetool doctor' looks at: each check adds its findings.
#pragma once

#include <string>
#include <vector>

#include "cmd/command.h"

namespace litetool {

enum class Severity { kOk, kWarning, kProblem };

struct Finding {
  Severity severity;
  std::string check;   // "kernel"
  std::string says;    // what was found
  std::string remedy;  // what to do about it; empty when nothing is to be done
};
using Findings = std::vector<Finding>;

// Kernel, FUSE device, mount helper, the tier that a mount would have, libraries, clock.
void check_machine(Context& context, Findings& findings);
// One directory (absolute): permissions, file system, space, mounts and openers, configuration,
// databases, histories.
void check_directory(Context& context, const std::string& directory, Findings& findings);

}  // namespace litetool
