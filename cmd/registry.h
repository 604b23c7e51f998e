// All commands, in the order help shows them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cmd/command.h"

namespace litetool {

std::span<const Command> commands();

// The command whose name the first words are, and how many words that took; kUsage with a
// suggestion when there is none.
struct Match {
  const Command* command;
  std::size_t words;
};
Result<Match> find_command(const std::vector<std::string>& words);

// The overview printed by "litetool --help", or that of one group ("ltx").
std::string overview(const std::string& group = "");
bool is_group(const std::string& word);

}  // namespace litetool
