// Where LTX images are: the files, segments and folders that were named, as a list of images.
#pragma once

#include <string>
#include <vector>

#include "core/ltx/file_set.h"
#include "core/os/job.h"
#include "formats/ltx/header.h"

namespace litetool {

// One image, as its header and trailer say; nothing is verified yet.
struct ImageRef {
  std::string path;
  std::uint64_t offset = 0;  // in the file; not 0 only inside a segment
  std::uint64_t size = 0;    // bytes
  ltx::Header header;
  ltx::Trailer trailer;

  // "FILE" or "FILE at offset N", for messages.
  std::string name() const;
};

// The images of one file: one, or those of a segment in order. kUnsupported or kCorrupt for what is
// no LTX file, and for a segment whose end is torn.
Result<std::vector<ImageRef>> list_images(const Job& job, const std::string& path);

// The file was found in a folder, and taken away before it was opened, as by retention.
bool is_gone(const LtxFile& file, const Error& error);

// The images of all paths in the order given; folders are searched to their depth, by name.
// kNotFound when there is none.
Result<std::vector<ImageRef>> find_images(const Job& job, const std::vector<std::string>& paths);

// kUsage when `output` is one of the files that the images are in: it would be lost.
Status refuse_as_output(Env& env, const std::vector<ImageRef>& images, const std::string& output);

// Oldest first, the longest of those that start alike first.
void sort_images(std::vector<ImageRef>& images);

// Bytes of all images, for progress.
std::uint64_t total_size(const std::vector<ImageRef>& images);

}  // namespace litetool
