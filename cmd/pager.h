// Long output on a terminal, through the program that the user reads with.
#pragma once

#include <cstdio>

#include "cmd/command.h"

namespace litetool {

class Pager {
 public:
  // Standard output goes to $PAGER (default: less -FRX) for as long as the object lives. Does
  // nothing where standard output is no terminal, in JSON mode, or where PAGER is empty, "cat", or
  // no program that is there.
  explicit Pager(Context& context);
  Pager(const Pager&) = delete;
  Pager& operator=(const Pager&) = delete;
  // Waits until the user has left it.
  ~Pager();

 private:
  Context& context_;
  std::FILE* pipe_ = nullptr;
  int terminal_ = -1;  // standard output as it was
};

}  // namespace litetool
