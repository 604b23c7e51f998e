#include "cmd/pager.h"

#include <unistd.h>

#include <cstdlib>
#include <string>

namespace litetool {

Pager::Pager(Context& context) : context_(context) {
  if (!context.out.stdout_is_terminal() || context.out.json_mode()) return;
  const char* const wanted = std::getenv("PAGER");
  const std::string program = wanted != nullptr ? wanted : "less -FRX";
  if (program.empty() || program == "cat") return;
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
