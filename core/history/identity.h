// The file "identity": which history this is, in which format, and of which directory. Text:
//
//   litetool history 1       the format; a later one is refused
//   id 4f0c35a1de907b62      made at random with the history
//   directory /srv/db        "%" and newlines as %25 and %0A
//   inode 1311               of the directory, and when it was made, in ns: both survive a rename
//   born 1764403200123456789
//
// Lines that are not known are passed over.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/history/history_root.h"
#include "core/os/directory_id.h"
#include "core/os/env.h"

namespace litetool {

struct HistoryIdentity {
  std::uint64_t id = 0;
  DirectoryId directory;
};

std::string identity_text(const HistoryIdentity& identity);
// kUnsupported for a later format, kCorrupt for what is none.
Result<HistoryIdentity> parse_identity(std::string_view text);

// Nothing when there is none, as in histories from before there were identities.
Result<std::optional<HistoryIdentity>> read_identity(Env& env, const HistoryRoot& root);

// Makes sure that the history is the one of `directory`, and notes where that is now. A history
// without identity gets one. A directory that was moved keeps its history: one that lies in it, or
// whose inode tells; another one's is refused with kBrokenChain. `adopt` takes it all the same, and
// makes it another history than the one it was.
// Returns what is worth a note; empty for nothing.
Result<std::string> claim_history(Env& env, const HistoryRoot& root, const DirectoryId& directory,
                                  bool adopt);

}  // namespace litetool
