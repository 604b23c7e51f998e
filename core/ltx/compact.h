// Many LTX files as one: k-way merge by page number, the newest version of each page wins.
#pragma once

#include <string>
#include <vector>

#include "core/ltx/image_ref.h"
#include "core/os/atomic_file.h"
#include "core/os/job.h"
#include "formats/ltx/merge.h"

namespace litetool {

struct CompactOptions {
  ltx::MergeRules rules;  // overlaps included; see formats/ltx/merge.h
  bool replace = false;   // an existing output file
};

struct CompactReport {
  ltx::Header header;
  ltx::Trailer trailer;
  std::uint64_t inputs = 0;
  std::uint64_t frames_read = 0;  // of all inputs
  std::uint64_t pages = 0;        // in the output
  std::uint64_t size_bytes = 0;
};

// Merges `images` (in any order) into `output`, which appears complete or not at all, and only
// after every image was verified to its end. LZ4 blocks are copied as they are where the variants
// allow. Memory does not grow with the size of the images, nor with their number but for the list
// of them: beyond kMaxMergeInputs they are merged in rounds, through temporary files beside the
// output.
Result<CompactReport> compact(const Job& job, std::vector<ImageRef> images,
                              const std::string& output, const CompactOptions& options);

// Merges images that come one by one, into a sink, where the result may stand among others. Beyond
// kMaxMergeInputs neighbours are merged into temporary images, of which there are some hundred at
// most: memory and temporary files do not grow with the number of images.
class ImageMerge {
 public:
  // Temporary files stand beside `path` and are gone with this object.
  ImageMerge(const Job& job, const ltx::MergeRules& rules, std::string path);

  // In the order of TXIDs, in accord with the rules: see ltx::MergePlanner.
  Status add(ImageRef image);
  // After the last one: kMaxMergeInputs or fewer images that stand for all. They last as long as
  // this object.
  Result<std::vector<ImageRef>> reduce();
  // After the last one: the merged image.
  Result<CompactReport> write(ByteSink& sink);

 private:
  // A temporary image.
  struct Merged {
    ImageRef image;
    AtomicFile file;
  };
  // What was made of kMaxMergeInputs images, or of as many of the round before: oldest first, and
  // older than what the rounds before have.
  using Round = std::vector<Merged>;

  Result<Merged> merge(const std::vector<ImageRef>& group) const;
  Status merge_pending();
  Status add(std::size_t round, Merged merged);
  // All of the round becomes one of the next.
  Status close_round(std::size_t round);
  std::size_t image_count() const;

  const Job& job_;
  const ltx::MergeRules rules_;
  const std::string path_;
  ltx::MergePlanner planner_;
  std::uint64_t inputs_ = 0;
  std::vector<ImageRef> pending_;  // the newest, which are in no round yet
  std::vector<Round> rounds_;
};

// The rules of a merge over the images, oldest first: see ltx::MergePlanner.
Result<ltx::MergePlan> plan_images(const std::vector<ImageRef>& images,
                                   const ltx::MergeRules& rules);

}  // namespace litetool
