// What this process may still do to files, once it has said what it needs: Landlock, where the
// kernel has it (Linux 5.13; each later version restricts more).
//
// Programs that read what strangers wrote give up everything else first: were one of them ever
// talked into something, it could neither read nor write other files, nor connect to anywhere.
#pragma once

#include <string>
#include <vector>

#include "formats/base/result.h"

namespace litetool {

// The version of the kernel's Landlock; 0 where there is none, or it is switched off.
int landlock_version();

enum class SandboxAccess {
  kRead,    // files and directories are read
  kChange,  // besides: files are made, changed and removed, and directories made and removed
  kRemove,  // empty directories in it are removed, nothing else
};

// A file, or a directory with everything below it. One that does not exist allows nothing.
struct SandboxRule {
  std::string path;
  SandboxAccess access = SandboxAccess::kRead;
};

// Leaves to the calling thread, and to the threads and programs that it starts, what the rules
// allow and the files that are open; also no program they start gets more rights than they have. An
// error only where the kernel has Landlock and fails; does nothing where it has none.
Status enter_sandbox(const std::vector<SandboxRule>& rules);

}  // namespace litetool
