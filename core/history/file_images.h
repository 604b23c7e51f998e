// The images of one file of a history, from its end to its beginning.
//
// A file may be one that a mount is appending to: what stands behind its last complete image is
// being written, prepared or torn, and is passed over. No checksum guards the TXIDs of an image
// until it is read in full; but they must be those of the file's name, and in a segment each image
// must be the next transaction.
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
  // trailer and those of the one before it, no pages. kCorrupt, with the offset, where the file
  // cannot be walked or has not what its name says.
  Result<std::optional<HistoryImage>> next();

 private:
  // Sets end_ behind the last finished image.
  Status find_end();
  // The image that ends at end_, which is then where it begins.
  Result<HistoryImage> read_one();
  // Reads the image before `image`, if there is one, and checks what both say.
  Status look_ahead(const HistoryImage& image);
  Status check_order(const HistoryImage& image) const;
  FileImages(std::unique_ptr<File> file, std::string name);

  std::unique_ptr<File> file_;
  std::string name_;
  std::unique_ptr<const BackwardSource> bytes_;  // of file_
  std::uint64_t end_;                            // of the images that were not read
  std::optional<HistoryImage> ahead_;            // read and not given yet
  std::uint64_t given_ = 0;                      // images
};

}  // namespace litetool
