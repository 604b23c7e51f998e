// A file that appears complete or not at all: temporary name beside the target, write, fsync,
// rename, fsync of the directory. The only place that knows that order.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/os/env.h"

namespace litetool {

class AtomicFile : public ByteSink {
 public:
  // `replace` false: commit() fails with kExists when the target exists, and so does create() at
  // once. An existing target stays untouched until commit(), and what replaces it has its owner and
  // permissions; a new one has `mode` less the umask. `env` outlives the object.
  static Result<AtomicFile> create(Env& env, const std::string& path, bool replace,
                                   unsigned mode = 0666);

  AtomicFile(AtomicFile&&) noexcept;
  AtomicFile& operator=(AtomicFile&&) = delete;
  // Removes the temporary file unless commit() succeeded.
  ~AtomicFile() override;

  Status write(Bytes b) override;
  // For writers that place pages themselves.
  File& file() { return *file_; }
  const std::string& temp_path() const { return temp_path_; }

  // After this returns success the target survives a power cut.
  Status commit();

 private:
  AtomicFile(Env& env, std::string path, std::string temp_path, bool replace,
             std::unique_ptr<File> file);

  Env& env_;
  std::string path_;
  std::string temp_path_;
  bool replace_;
  std::unique_ptr<File> file_;
};

// Of a name that such a file has until it is complete, "app.db.tmp-41-0": the target's, "app.db".
// Nothing for any other name.
std::optional<std::string_view> target_of_unfinished(std::string_view name);

// Appends all of it or, when that fails as on a full disk, nothing; as far as the file lets itself
// be cut again.
Status append_whole(File& file, Bytes bytes);
// A small file at once, below the directory `dir`: written aside as PATH.new, readable by its owner
// only, and renamed over what is there. After success it survives a power cut.
Status replace_file(Env& env, int dir, const std::string& path, Bytes bytes);

}  // namespace litetool
