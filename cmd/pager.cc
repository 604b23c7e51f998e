#include "cmd/pager.h"

#include <unistd.h>

#include <cstdlib>
#include <sstream>
#include <string>

namespace litetool {
namespace {

// Whether the shell will find it. What is more than a name and its arguments is taken to be right.
bool is_there(const std::string& command) {
  const std::string program = command.substr(0, command.find(' '));
  if (program.find_first_of("/='\"$") != std::string::npos) return true;
  const char* const path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "/usr/bin:/bin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (::access((folder + "/" + program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

}  // namespace

Pager::Pager(Context& context) : context_(context) {
  if (!context.out.stdout_is_terminal() || context.out.json_mode()) return;
  const char* const wanted = std::getenv("PAGER");
  const std::string program = wanted != nullptr ? wanted : "less -FRX";
  if (program.empty() || program == "cat" || !is_there(program)) return;
  pipe_ = ::popen(program.c_str(), "we");
  if (pipe_ == nullptr) return;
  terminal_ = ::dup(STDOUT_FILENO);
  ::dup2(::fileno(pipe_), STDOUT_FILENO);
}

Pager::~Pager() {
  if (pipe_ == nullptr) return;
  // A pager that was left early is no failure; main() reports any other at the end.
  (void)context_.out.finish();
  ::dup2(terminal_, STDOUT_FILENO);
  ::close(terminal_);
  ::pclose(pipe_);
}

}  // namespace litetool
