// LTX files from one variant into another, database checksums added or taken out: the bridge
// between LiteFS, which needs them, and Litestream, which rejects them.
#pragma once

#include <string>
#include <vector>

#include "core/ltx/image_ref.h"
#include "core/os/job.h"

namespace litetool {

enum class ChecksumChange : std::uint8_t { kKeep, kAdd, kStrip };

struct ConvertOptions {
  ltx::Variant variant = ltx::Variant::kV3Block;
  ChecksumChange checksums = ChecksumChange::kKeep;
  // kAdd: the state before the first image: a database, or LTX files from a snapshot on. Not needed
  // where the images start with a snapshot.
  std::string base;
  bool replace = false;            // existing output files
  std::int64_t timeout_ms = 5000;  // how long to wait for writers of a base database
};

struct ConvertedImage {
  std::string input;
  std::string output;
  ltx::Header header;
  ltx::Trailer trailer;
  std::uint64_t size_bytes = 0;
};

// Where each image goes: into `directory` under the name of its TXIDs.
struct ConvertTarget {
  std::string path;
  bool is_directory = false;  // otherwise one file, for one image
};

// Converts the images one after another, oldest first. Each output appears complete or not at all,
// and only after its input was verified. With kAdd the images must follow on from each other
// without a gap, and from the base; checksums that images have already must agree.
//
// Errors: kUsage (kAdd without a base or a snapshot), kBrokenChain, kCorrupt, kExists.
Result<std::vector<ConvertedImage>> convert_images(const Job& job, std::vector<ImageRef> images,
                                                   const ConvertTarget& target,
                                                   const ConvertOptions& options);

}  // namespace litetool
