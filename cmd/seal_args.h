// Keys and passphrases on the command line: always in files, never as arguments, which every user
// of the machine can read.
#pragma once

#include <optional>
#include <string>

#include "cmd/args.h"
#include "cmd/command.h"
#include "formats/archive/age_header.h"

namespace litetool {

// "--seal RECIPIENT" (repeatable) and "--passphrase-file FILE".
void add_lock_flags(ArgSpec& spec);
// Nothing when no sealing was asked for. kUsage for both, kKey for what is no recipient.
Result<std::optional<age::Lock>> lock_arg(const Args& args, Context& context);

// "--identity FILE" (repeatable) and "--passphrase-file FILE".
void add_unlock_flags(ArgSpec& spec);
Result<age::Unlock> unlock_arg(const Args& args, Context& context);

}  // namespace litetool
