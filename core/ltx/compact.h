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
  unsigned mode = 0666;   // of a new one, less the umask
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

// The same into a sink, where an image may stand among others. `beside`: temporary files, should
// there be any, stand beside this path.
Status merge_images(const Job& job, std::vector<ImageRef> images, const std::string& beside,
                    ByteSink& sink);

// Merges neighbours into temporary images until kMaxMergeInputs or fewer are left. Of any number of
// images there are at most some hundred temporary ones at a time.
class MergeRounds {
 public:
  // Temporary files stand beside `path` and are gone with this object.
  MergeRounds(const Job& job, std::string path) : job_(job), path_(std::move(path)) {}
  // `images`: oldest first, and in accord with `rules` as a whole.
  Status reduce(std::vector<ImageRef>& images, const ltx::MergeRules& rules);

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
  Status add(std::size_t round, Merged merged);
  // All of the round becomes one of the next.
  Status close_round(std::size_t round);
  std::size_t image_count() const;

  const Job& job_;
  const std::string path_;
  ltx::MergeRules rules_;
  std::vector<Round> rounds_;
};

// The rules of a merge over the images, oldest first: see ltx::plan_merge.
Result<ltx::MergePlan> plan_images(const std::vector<ImageRef>& images,
                                   const ltx::MergeRules& rules);

}  // namespace litetool
