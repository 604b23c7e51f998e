// Shell completion scripts, made from the command table.
#pragma once

#include <string>

namespace litetool {

std::string bash_completion();
std::string zsh_completion();
std::string fish_completion();

}  // namespace litetool
