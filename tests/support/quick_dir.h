// A directory that is gone at the end of the test, in memory where the machine has such a place:
// for thousands of files that are synced, each by itself.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "formats/base/result.h"

namespace litetool::test {

class QuickDir {
 public:
  QuickDir() {
    const std::filesystem::path memory = "/dev/shm";
    const bool there = std::filesystem::is_directory(memory);
    path_ = (there ? memory : std::filesystem::temp_directory_path()) / "litetool-test-XXXXXX";
    LT_CHECK(::mkdtemp(path_.data()) != nullptr);
  }
  ~QuickDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  QuickDir(const QuickDir&) = delete;
  QuickDir& operator=(const QuickDir&) = delete;

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace litetool::test
