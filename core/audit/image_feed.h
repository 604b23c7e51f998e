// The images of many files, scanned in parallel, told in order.
//
// Small images are handed to the threads in groups, one large image is scanned by all threads. A
// damaged image is told as the error that it is; the images behind it in a segment follow as far as
// their beginnings can be found.
#pragma once

#include <memory>
#include <vector>

#include "core/ltx/file_set.h"
#include "core/ltx/image_scan.h"
#include "core/os/job.h"

namespace litetool {

class ImageSink {
 public:
  virtual ~ImageSink() = default;
  virtual Status image(const LtxFile& file, const ImageReport& report) = 0;
  // Something is wrong with the file; an offset is from its start.
  virtual Status damage(const LtxFile& file, const Error& error) = 0;
  // Nothing more comes from this file.
  virtual Status end_of_file(const LtxFile& file) = 0;
};

// Errors are those of the sink, and kInterrupted.
Status feed_images(const Job& job, const std::vector<LtxFile>& files, ScanDepth depth,
                   ImageSink& sink);

}  // namespace litetool
