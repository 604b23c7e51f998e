// Parts of LTX files as they are: the images of a segment, and one page.
#pragma once

#include <string>
#include <vector>

#include "core/ltx/image_ref.h"
#include "core/os/job.h"

namespace litetool {

// The bytes of one page, by the page index where the variant has one, else by a walk to the page.
// kNotFound when the image does not hold it. An LZ4 block carries no checksum: damage inside it may
// go unseen unless the whole image is verified (see verify_image_contents).
Result<Buffer> extract_page(const Job& job, const ImageRef& image, Pgno pgno);

// Every frame decoded, all checksums compared.
Status verify_image_contents(const Job& job, const ImageRef& image);

struct SplitImage {
  std::string path;
  ImageRef image;
};

// Verifies each image and copies its bytes to `directory`/<min>-<max>.ltx. The directory is
// created; each file appears complete or not at all.
Result<std::vector<SplitImage>> split_images(const Job& job, const std::vector<ImageRef>& images,
                                             const std::string& directory, bool replace);

}  // namespace litetool
