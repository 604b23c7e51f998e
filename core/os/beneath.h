// Names below a directory, looked up so that nothing leads out of it: no symbolic link is followed,
// not even one that stays within, and ".." is refused.
//
// What a mount serves is written by its clients, and may be by others beneath it, while the server
// has all the rights of root. So every name that it uses, below the directory and in the history,
// goes through here. Names relative to kCwd come from a command line, and are looked up as usual.
#pragma once

#include <string>

#include "core/os/unique_fd.h"

namespace litetool {

// openat(2), O_CLOEXEC added. Not valid, with errno set, when that fails: ELOOP at a symbolic link,
// EXDEV where the path would leave the directory.
UniqueFd open_beneath(int dir, const std::string& path, int flags, unsigned mode = 0);

// The directory of a name, for the calls that take a directory and a name in it, and follow no
// symbolic link by themselves.
class NameBeneath {
 public:
  NameBeneath(int dir, const std::string& path);

  // The other functions are for found ones only; errno says why it is not.
  bool found() const { return dir_ != kMissing; }
  int dir() const { return dir_; }
  const char* name() const { return name_.c_str(); }

 private:
  static constexpr int kMissing = -1;

  UniqueFd parent_;
  int dir_ = kMissing;
  std::string name_;
};

}  // namespace litetool
