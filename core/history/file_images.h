// The images of one file of a history, from its end to its beginning.
//
// A file may be one that a mount is appending to: what stands behind its last complete image is
// being written, prepared or torn, and is passed over.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/history/history_image.h"
#include "core/os/env.h"
#include "formats/base/backward_source.h"
#include "formats/ltx/segment.h"

namespace litetool {

// What an image's header and trailer say, its `file` 0.
HistoryImage history_image(const ltx::ImageInfo& image);

class FileImages {
 public:
  // The path is relative to `dir`.
  static Result<FileImages> open(Env& env, int dir, const std::string& path);

  // The next older image, its `file` 0; nothing before the first one. Reads its index, header and
  // trailer, no pages. kCorrupt, with the offset, where the file cannot be walked.
  Result<std::optional<HistoryImage>> next();

 private:
  // Sets end_ behind the last finished image.
  Status find_end();
  Result<HistoryImage> read_newest();
  explicit FileImages(std::unique_ptr<File> file);

  std::unique_ptr<File> file_;
  std::unique_ptr<const BackwardSource> bytes_;  // of it
  std::uint64_t end_;                            // of the images that are left
  std::optional<HistoryImage> newest_;           // of those, where find_end() has read it already
};

}  // namespace litetool
