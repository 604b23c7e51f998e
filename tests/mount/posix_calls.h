// System calls whose results are written down as text, to compare two directories call by call.
#pragma once

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

namespace litetool::test {

// Works in the current directory. Used in child processes: nothing here makes assertions.
class Calls {
 public:
  // Notes what a call returned: its errno when that is negative. Returns it.
  template <typename T>
  T note(const std::string& what, T result) {
    const int err = errno;
    line(what + " = " + (result < 0 ? ::strerrorname_np(err) : std::to_string(result)));
    return result;
  }
  // The same for a call that returns a descriptor: which one does not matter.
  int fd(const std::string& what, int result) {
    const int err = errno;
    line(what + " = " + (result < 0 ? ::strerrorname_np(err) : "open"));
    errno = err;
    return result;
  }
  // Type, mode, links, owner, group and size of what a name or a descriptor stands for.
  void stat(const std::string& name);
  void stat(int file);
  // All bytes from the start of a file, shortened.
  void content(const std::string& name);
  // Names in a directory, sorted.
  void list(const std::string& name);
  void line(const std::string& text) { text_ += text + "\n"; }

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

struct Scenario {
  const char* name;
  void (*run)(Calls&);
  // What root does before in the same directory and process; descriptors stay open.
  void (*prepare)() = nullptr;
};

// What happens to names; what happens to the bytes of files.
const std::vector<Scenario>& name_scenarios();
const std::vector<Scenario>& file_scenarios();
// Who may do what; what becomes of set-user-id, set-group-id and capabilities of files.
const std::vector<Scenario>& rights_scenarios();
const std::vector<Scenario>& privilege_scenarios();

}  // namespace litetool::test
