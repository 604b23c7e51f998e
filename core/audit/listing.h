// The images of LTX files in the order of their chains, with what does not follow on.
//
// Structure is checked, contents are not: no page is decompressed. Memory: about 400 bytes an
// image.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/ltx/file_set.h"
#include "core/os/job.h"
#include "formats/ltx/header.h"

namespace litetool {

struct ListedImage {
  std::string file;
  std::optional<std::uint64_t> offset{};  // in a segment
  std::uint64_t size_bytes = 0;
  std::uint64_t page_count = 0;
  ltx::Header header;
  ltx::Trailer trailer;
  std::vector<std::string> problems;  // why it does not follow on from what stands before it

  // Bytes of its pages per byte of the image; 0 without pages.
  double ratio() const;
};

struct Listing {
  std::vector<ListedImage> images;  // folder by folder, each in the order of its chain
  std::vector<std::pair<std::string, Error>> damage;  // file, what is wrong with it
};

// Fails only when interrupted.
Result<Listing> list_images(const Job& job, const FileSet& set);

}  // namespace litetool
