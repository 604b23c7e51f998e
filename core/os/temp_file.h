// A file that is gone with the object.
#pragma once

#include <memory>
#include <string>

#include "core/os/env.h"

namespace litetool {

class TempFile {
 public:
  // A new file in `dir`, readable by its owner only. `env` outlives the object.
  static Result<TempFile> create(Env& env, const std::string& dir);
  TempFile(TempFile&& other) noexcept;
  TempFile& operator=(TempFile&&) = delete;
  ~TempFile();

  File& file() { return *file_; }
  const std::string& path() const { return path_; }

 private:
  TempFile(Env& env, std::string path, std::unique_ptr<File> file);

  Env& env_;
  std::string path_;
  std::unique_ptr<File> file_;
};

}  // namespace litetool
