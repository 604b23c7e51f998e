// Paths as typed -> the LTX files they stand for.
//
// A file that is named is taken whatever its name is. A folder is walked down, and the files with
// the suffix .ltx (an image) or .ltxs (a segment) in it are taken; what else is there is counted.
// Folders named "quarantine" below a given one are passed over: they hold what is not trusted.
// Order: as named, and within a folder by name, so that the files of one folder stand together.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/os/env.h"
#include "formats/base/result.h"

namespace litetool {

struct LtxFile {
  std::string path;  // as it can be opened, and as it is shown
  std::uint64_t size_bytes = 0;
  bool segment = false;
  bool named = false;  // given itself, not found in a folder

  std::string folder() const;  // "." for a bare name
  std::string name() const;
};

// What could not be looked at: a path that is not there, a folder that may not be read.
struct UnreadPath {
  std::string path;
  Error error;
};

struct FileSet {
  std::vector<LtxFile> files;
  std::vector<UnreadPath> unread;
  std::uint64_t temporary_count = 0;  // "*.tmp": a writer was or is at work
  std::uint64_t foreign_count = 0;    // other files, and all of a quarantine folder as one
  std::uint64_t total_bytes = 0;      // of `files`
};

// Never fails as a whole. Loops of symbolic links and folders nested deeper than 64 end the walk
// there. A file that is reached twice is listed twice only if it was named twice.
FileSet collect_files(Env& env, const std::vector<std::string>& paths);

}  // namespace litetool
