// A folder that is gone, with the files in it, with the object.
#pragma once

#include <string>

#include "core/os/env.h"

namespace litetool {

class TempDir {
 public:
  // A new folder in `parent`, open to its owner only. `env` outlives the object.
  static Result<TempDir> create(Env& env, const std::string& parent);
  TempDir(TempDir&& other) noexcept;
  TempDir& operator=(TempDir&&) = delete;
  ~TempDir();

  const std::string& folder() const { return path_; }
  // Of a file in it.
  std::string path(const std::string& name) const { return path_ + "/" + name; }

 private:
  TempDir(Env& env, std::string path) : env_(env), path_(std::move(path)) {}

  Env& env_;
  std::string path_;
};

}  // namespace litetool
