// What a command leaves itself before it reads what strangers wrote: its inputs, where it writes,
// a temporary folder of its own, and nothing else (see core/os/sandbox.h).
//
// A command says so in its spec: ArgSpec::path() names each argument that is a path, and what is
// done with it. Nothing else in a command knows of it.
#pragma once

#include <optional>

#include "cmd/command.h"
#include "core/os/temp_dir.h"

namespace litetool {

class Confinement {
 public:
  // Confines this process from here on, if the command's spec says so; before it starts threads.
  static Result<Confinement> enter(const ArgSpec& spec, const Args& args, Context& context);

 private:
  // $TMPDIR of the command, which it finds there as any other; gone at the end.
  std::optional<TempDir> temp_;
};

}  // namespace litetool
