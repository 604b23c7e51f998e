#include "core/ltx/frame_merge.h"

#include <algorithm>
#include <utility>

namespace litetool {
namespace {

// Bytes of frames that wait in the batches of all images together.
constexpr std::size_t kBatchBudget = std::size_t{12} << 20;

}  // namespace

Result<std::unique_ptr<FrameMerge>> FrameMerge::open(const Job& job,
                                                     const std::vector<ImageRef>& images,
                                                     MergeRange range) {
  LT_CHECK(!images.empty() && images.size() <= kMaxMergeInputs);
  std::unique_ptr<FrameMerge> merge(new FrameMerge(job, range));
  const std::size_t batch_bytes =
      std::min(kBatchBudget / images.size(), ltx::FrameBatch::kMaxBytes);
  for (const ImageRef& ref : images) {
    const OpenImage* const before = merge->images_.empty() ? nullptr : merge->images_.back().get();
    LT_ASSIGN(auto image, OpenImage::open_after(before, job.env, ref));
    merge->images_.push_back(std::move(image));
    merge->cursors_.push_back(Cursor{ltx::FrameBatch(batch_bytes), 0});
  }
  for (std::uint32_t i = 0; i < images.size(); ++i) LT_TRY(merge->refill(i));
  return merge;
}

Status FrameMerge::refill(std::uint32_t input) {
  Cursor& cursor = cursors_[input];
  cursor.next = 0;
  LT_TRY(job_.check());
  LT_ASSIGN(const bool more, images_[input]->read_batch(cursor.batch));
  if (more) heads_.push({cursor.frame().pgno, input});
  return {};
}

Status FrameMerge::take(MergedFrames& out) {
  const std::uint32_t input = heads_.top().input;
  heads_.pop();
  Cursor& cursor = cursors_[input];
  const ltx::Frame& frame = cursor.frame();
  out.frames.add(frame, Bytes(frame.head.data(), frame.size()), frame.head.size());
  out.inputs.push_back(input);
  out.bytes += frame.size();
  if (++cursor.next == cursor.batch.size()) return refill(input);
  heads_.push({cursor.frame().pgno, input});
  return {};
}

bool FrameMerge::is_full(const MergedFrames& out) const {
  if (out.frames.size() >= ltx::FrameBatch::kMaxFrames) return true;
  return out.frames.size() * std::size_t{page_size()} >= ltx::FrameBatch::kMaxBytes;
}

Result<bool> FrameMerge::next(MergedFrames& out) {
  out.frames.clear();
  out.inputs.clear();
  out.bytes = 0;
  if (heads_.empty() && covered_ >= range_.end) return false;
  out.first = covered_ + 1;
  const Pgno limit =
      range_.pages == 0 || covered_ > ~Pgno{0} - range_.pages ? ~Pgno{0} : covered_ + range_.pages;
  while (!heads_.empty() && heads_.top().pgno <= limit) {
    const Pgno pgno = heads_.top().pgno;
    while (!heads_.empty() && heads_.top().pgno == pgno) LT_TRY(take(out));
    covered_ = pgno;
    if (is_full(out)) break;
  }
  if (range_.pages != 0 && !is_full(out)) {
    covered_ = heads_.empty() ? std::max(covered_, std::min(limit, range_.end)) : limit;
  }
  out.last = covered_;
  out.crcs.assign(out.frames.size(), 0);
  return true;
}

void FrameMerge::add(const MergedFrames& merged) {
  for (std::size_t i = 0; i < merged.frames.size(); ++i) {
    images_[merged.inputs[i]]->add(merged.frames.frames()[i], merged.crcs[i]);
  }
  job_.advance(merged.bytes);
}

Status FrameMerge::verify() {
  for (const auto& image : images_) LT_TRY(image->verify());
  return {};
}

Error FrameMerge::locate(const MergedFrames& merged, std::size_t i, Error e) const {
  return images_[merged.inputs[i]]->locate_frame(std::move(e));
}

}  // namespace litetool
