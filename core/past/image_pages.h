// The pages of LTX images, one by one: through the page index of an image, or, for the variants
// that have none, out of a temporary file that the image was unpacked into.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/ltx/image_ref.h"
#include "core/os/job.h"
#include "core/os/temp_file.h"
#include "formats/base/backward_source.h"
#include "formats/ltx/page_index.h"

namespace litetool {

// Where a page of an image is.
struct PagePlace {
  std::uint64_t offset = 0;  // of the frame in its image, or in the temporary file
  std::uint32_t size = 0;    // bytes of the frame; 0 = a plain page in the temporary file
};
struct PlacedPage {
  Pgno pgno = 0;
  PagePlace place;
};

class ImagePages {
 public:
  // `temp_dir`: for what must be unpacked. What the job points to outlives the object.
  ImagePages(const Job& job, std::string temp_dir) : job_(job), temp_dir_(std::move(temp_dir)) {}

  // Calls `found` for the pages of the image, ascending, many at a time. Those that are not wanted
  // may be left out. kCorrupt, with the file, when its page index is wrong, or its checksums where
  // it has to be unpacked.
  using Wants = std::function<bool(Pgno)>;
  using Found = std::function<void(std::span<const PlacedPage>)>;
  Status list(const ImageRef& image, const Wants& wants, const Found& found);

  // The page in `out`; kCorrupt, with the file, when its frame is damaged.
  Status read(const ImageRef& image, Pgno pgno, const PagePlace& place, Buffer& out);

 private:
  struct OpenFile {
    std::unique_ptr<File> file;
    std::unique_ptr<const BackwardSource> backward;  // of it, for what stands at the end of images
    std::uint64_t used = 0;                          // by uses_
  };

  Status list_index(const ImageRef& image, const Found& found);
  Status unpack(const ImageRef& image, const Wants& wants, const Found& found);
  Status read_frame(const ImageRef& image, Pgno pgno, const PagePlace& place, Buffer& out);
  Result<const OpenFile*> file_of(const ImageRef& image);

  const Job job_;
  const std::string temp_dir_;
  std::map<std::string, OpenFile> files_;  // the ones used last
  std::uint64_t uses_ = 0;
  std::optional<TempFile> unpacked_;
  std::uint64_t unpacked_size_ = 0;
  Buffer raw_;                     // room for a frame
  std::vector<PlacedPage> batch_;  // room for what is told at a time
};

}  // namespace litetool
