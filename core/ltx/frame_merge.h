// The frames of several LTX images in page order, oldest image first within a page: what compact
// and apply are made of. Every frame comes out, the superseded ones too, because each image is to
// be verified to its end.
//
// Memory: one batch of frames an image, smaller the more images there are.
#pragma once

#include <memory>
#include <queue>
#include <vector>

#include "core/ltx/open_image.h"
#include "core/os/job.h"

namespace litetool {

// Images that are read at once: each costs a descriptor and about 300 KiB.
constexpr std::size_t kMaxMergeInputs = 64;

// Frames of a range of pages, all versions of a page together. Reused from call to call.
struct MergedFrames {
  Pgno first = 0;  // the pages [first, last] are covered; those without a frame have none
  Pgno last = 0;
  ltx::FrameBatch frames;
  std::vector<std::uint32_t> inputs;  // image of each frame
  std::vector<std::uint64_t> crcs;    // room for the logical CRC of each frame
  std::uint64_t bytes = 0;            // of the frames in their files

  // True for the newest version of its page.
  bool newest(std::size_t i) const {
    return i + 1 == frames.size() || frames.frames()[i + 1].pgno != frames.frames()[i].pgno;
  }
};

// Ranges that follow each other without a hole, for callers that look at pages without frames too.
struct MergeRange {
  Pgno pages = 0;  // pages a range may cover; 0 = only pages with frames matter
  Pgno end = 0;    // the ranges go on at least to this page
};

class FrameMerge {
 public:
  // At most kMaxMergeInputs images of one page size, oldest first.
  static Result<std::unique_ptr<FrameMerge>> open(const Job& job,
                                                  const std::vector<ImageRef>& images,
                                                  MergeRange range = {});

  // The next frames; false at the end, when all images were read to their trailers.
  Result<bool> next(MergedFrames& out);
  // In order, once the frames' CRCs stand in `merged`: on to the verifiers of the images.
  void add(const MergedFrames& merged);
  // After the last add(): the verdict on every image, oldest first.
  Status verify();

  // A decode error of frame `i`, with file and offset.
  Error locate(const MergedFrames& merged, std::size_t i, Error e) const;
  std::uint32_t page_size() const { return images_.front()->header().page_size; }

 private:
  struct Cursor {
    ltx::FrameBatch batch;
    std::size_t next = 0;
    const ltx::Frame& frame() const { return batch.frames()[next]; }
  };
  struct Head {
    Pgno pgno;
    std::uint32_t input;
    bool operator>(const Head& o) const { return pgno != o.pgno ? pgno > o.pgno : input > o.input; }
  };

  FrameMerge(const Job& job, MergeRange range) : job_(job), range_(range) {}
  Status refill(std::uint32_t input);
  Status take(MergedFrames& out);
  bool is_full(const MergedFrames& out) const;

  const Job job_;
  const MergeRange range_;
  std::vector<std::unique_ptr<OpenImage>> images_;
  std::vector<Cursor> cursors_;
  std::priority_queue<Head, std::vector<Head>, std::greater<>> heads_;
  Pgno covered_ = 0;  // pages up to here are out
};

}  // namespace litetool
