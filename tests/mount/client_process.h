// A piece of a test that runs in a process of its own, as another user.
#pragma once

#include <functional>
#include <string>

namespace litetool::test {

// Without other groups than `group`.
struct Person {
  unsigned user = 0;
  unsigned group = 0;
};

// Runs `work` as that person in a child process and returns the text that it returned. What goes
// wrong in there (also an exception, or a signal) fails the test. `work` makes no assertions.
// `prepare` runs before it, still as who the test is; false is a failure.
std::string run_as(Person person, const std::function<std::string()>& work,
                   const std::function<bool()>& prepare = {});

}  // namespace litetool::test
