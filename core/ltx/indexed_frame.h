// One frame of an LTX image, found by its page index.
#pragma once

#include "core/ltx/image_ref.h"
#include "formats/base/byte_source.h"
#include "formats/ltx/frame.h"
#include "formats/ltx/page_index.h"

namespace litetool {

// The frame that an index entry of the image in `file` points to; its views are into `raw`.
// kCorrupt with the offset in the file where entry and frame do not agree.
Result<ltx::Frame> read_indexed_frame(const ByteSource& file, const ImageRef& image,
                                      const ltx::IndexEntry& entry, Buffer& raw);

}  // namespace litetool
