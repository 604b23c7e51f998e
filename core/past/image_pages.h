// The pages of LTX images, one by one: through the page index of an image, or, for the variants
// that have none, out of a temporary file that the image was unpacked into.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/ltx/image_ref.h"
#include "core/os/job.h"
#include "core/os/temp_file.h"
#include "formats/ltx/page_index.h"

namespace litetool {

// Where a page of an image is.
struct PagePlace {
  std::uint64_t offset = 0;  // of the frame in its image, or in the temporary file
  std::uint32_t size = 0;    // bytes of the frame; 0 = a plain page in the temporary file
};

class ImagePages {
 public:
  // `temp_dir`: for what must be unpacked. What the job points to outlives the object.
  ImagePages(const Job& job, std::string temp_dir) : job_(job), temp_dir_(std::move(temp_dir)) {}

  // Which pages are wanted, and where each of those is.
  using Wants = std::function<bool(Pgno)>;
  using Found = std::function<void(Pgno, const PagePlace&)>;
  // Calls `found` for the wanted pages of the image, ascending. kCorrupt, with the file, when its
  // page index is wrong, or its checksums where it has to be unpacked.
  Status list(const ImageRef& image, const Wants& wants, const Found& found);

  // The page in `out`; kCorrupt, with the file, when its frame is damaged.
  Status read(const ImageRef& image, Pgno pgno, const PagePlace& place, Buffer& out);

 private:
  struct OpenFile {
    std::unique_ptr<File> file;
    std::uint64_t used = 0;  // by uses_
  };

  Status list_index(const ImageRef& image, const Wants& wants, const Found& found);
  Status unpack(const ImageRef& image, const Wants& wants, const Found& found);
  Status read_frame(const ImageRef& image, Pgno pgno, const PagePlace& place, Buffer& out);
  Result<const File*> file_of(const ImageRef& image);

  const Job job_;
  const std::string temp_dir_;
  std::map<std::string, OpenFile> files_;  // the ones used last
  std::uint64_t uses_ = 0;
  std::optional<TempFile> unpacked_;
  std::uint64_t unpacked_size_ = 0;
  Buffer raw_;  // room for a frame
};

}  // namespace litetool
