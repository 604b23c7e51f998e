// What a command is, and how its outcome becomes an exit code.
//
// A command is one file cmd_<name>.cc with two functions: spec() says what it accepts, run() does
// it. run() returns the exit code, or an Error that main prints and maps through exit_code_of().
#pragma once

#include <string>

#include "cmd/args.h"
#include "cmd/output.h"
#include "core/os/env.h"
#include "core/os/job.h"
#include "formats/base/result.h"

namespace litetool {

// Exit codes are a promise to scripts: they are only ever added to.
enum ExitCode : int {
  kExitDone = 0,
  kExitFailed = 1,
  kExitUsage = 2,
  kExitDiffers = 3,
  kExitCorrupt = 4,
  kExitBrokenChain = 5,
  kExitNotFound = 6,
  kExitExists = 7,
  kExitNotPrimary = 8,
  kExitTimeout = 9,
  kExitUnsupported = 10,
  kExitDenied = 11,
  kExitStorage = 12,
  kExitDiskFull = 13,
  kExitKey = 14,
  kExitInterrupted = 130,
};

ExitCode exit_code_of(Errc code);
// The word that stands for it in JSON: "corrupt", "disk_full", ...
const char* name_of(Errc code);

// What a running command has around it. Lives as long as the process.
struct Context {
  Output& out;
  Env& env;
  const std::atomic<bool>& stop;  // set by SIGINT and SIGTERM

  // A job with these threads; `progress` may be null.
  Job job(unsigned threads, ProgressSink* progress = nullptr) const {
    return Job{env, threads, &stop, progress};
  }
};

struct Command {
  const char* name;     // "ltx list"
  const char* summary;  // one line for the list of commands
  ArgSpec (*spec)();
  Result<int> (*run)(const Args&, Context&);
};

// The command's own arguments and those that every command has: --json, --quiet, --help.
ArgSpec full_spec(const Command& command);
// "litetool ltx list [OPTIONS] PATH..."
std::string synopsis(const Command& command);
std::string help_text(const Command& command);

}  // namespace litetool
