// Asks our own mount from a process of its own.
#pragma once

#include <functional>

namespace litetool {

// Runs `ask` in a child that has `fd` (-1: none) as its descriptor 0 and no other, and returns what
// that returns, 0 or an errno. A thread of ours that waits for an answer of ours would keep the
// device open when we are killed, and then neither could end. `ask` makes system calls only.
int ask_apart(int fd, const std::function<int(int fd)>& ask);

}  // namespace litetool
