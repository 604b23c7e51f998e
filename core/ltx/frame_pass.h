// One image from its first frame to its trailer: verified, and prepared to be written anew.
#pragma once

#include <functional>
#include <optional>

#include "core/ltx/frame_merge.h"

namespace litetool {

// Frames of one image in order. Those of the lock page, which old files may hold, are verified and
// left out of `prepared` and `pages`.
struct FramePassItem {
  struct Page {
    Pgno pgno = 0;
    Checksum checksum;
  };
  MergedFrames merged;
  std::vector<Page> pages;
  std::vector<ltx::PreparedFrame> prepared;  // as many as `pages`, if a variant was asked for
  Buffer page;                               // working memory
};

// Calls `take` for all frames in order; success only once the image is verified. With `variant` the
// frames are prepared for it, LZ4 blocks as they are where that is possible.
Status pass_frames(const Job& job, const ImageRef& image, std::optional<ltx::Variant> variant,
                   const std::function<Status(FramePassItem&)>& take);

}  // namespace litetool
