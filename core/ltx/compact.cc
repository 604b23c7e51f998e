#include "core/ltx/compact.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/ltx/frame_merge.h"
#include "core/os/atomic_file.h"
#include "core/os/ordered_pipeline.h"
#include "formats/base/text.h"
#include "formats/ltx/encoder.h"

namespace litetool {
namespace {

struct Item {
  MergedFrames merged;
  std::vector<ltx::PreparedFrame> prepared;
  std::size_t count = 0;  // of `prepared` in use
  Buffer page;
  Checksum sum = kEmptyDatabase;  // of the pages kept
};

class Merging {
 public:
  Merging(const Job& job, const std::vector<ImageRef>& images, const ltx::MergePlan& plan)
      : job_(job), images_(images), plan_(plan), page_crc_(plan.header.page_size) {
    keep_up_to_.assign(images.size(), std::numeric_limits<Pgno>::max());
    for (std::size_t i = images.size() - 1; i > 0; --i) {
      keep_up_to_[i - 1] = std::min(keep_up_to_[i], images[i].header.commit);
    }
  }

  Result<CompactReport> run(ByteSink& sink) {
    LT_ASSIGN(merge_, FrameMerge::open(job_, images_));
    LT_ASSIGN(auto encoder, ltx::Encoder::start(sink, plan_.header));
    OrderedPipeline<Item> pipeline(job_.threads);
    LT_TRY(pipeline.run([this](Item& item) { return merge_->next(item.merged); },
                        [this](Item& item) { return work(item); },
                        [&](Item& item) { return consume(item, encoder); }));
    LT_TRY(merge_->verify());
    if (plan_.header.is_snapshot() && plan_.header.has_checksums() && sum_ != plan_.post_apply) {
      return Error(Errc::kCorrupt, "the merged pages have the checksum " + sum_.text() + ", but " +
                                       images_.back().name() + " promises " +
                                       plan_.post_apply.text());
    }
    LT_ASSIGN(const ltx::Trailer trailer, encoder.finish(plan_.post_apply));
    return CompactReport{encoder.header(),     trailer,
                         images_.size(),       frames_,
                         encoder.page_count(), encoder.bytes_written()};
  }

 private:
  Status work(Item& item) const {
    const ltx::Header& h = plan_.header;
    item.page.resize(h.page_size);
    item.count = 0;
    item.sum = kEmptyDatabase;
    const auto& frames = item.merged.frames.frames();
    if (item.prepared.size() < frames.size()) item.prepared.resize(frames.size());
    for (std::size_t i = 0; i < frames.size(); ++i) {
      const ltx::Frame& frame = frames[i];
      auto crc = ltx::decode_frame(frame, item.page);
      if (!crc) return merge_->locate(item.merged, i, std::move(crc).error());
      item.merged.crcs[i] = *crc;
      if (!item.merged.newest(i)) continue;
      LT_ASSIGN(const bool kept, keep(frame.pgno, item.merged.inputs[i]));
      if (!kept) continue;
      ltx::PreparedFrame& out = item.prepared[item.count++];
      if (h.variant != ltx::Variant::kV3Block ||
          !ltx::reframe_v3_block(frame, *crc, h.page_size, page_crc_, out)) {
        ltx::prepare_frame(h.variant, frame.pgno, item.page, out);
      }
      if (h.is_snapshot() && h.has_checksums()) {
        item.sum = checksum_xor(item.sum, page_crc_.page_checksum(frame, *crc));
      }
    }
    return {};
  }

  // Whether the version of `input`, the newest one, is still part of the database at the end.
  Result<bool> keep(Pgno pgno, std::uint32_t input) const {
    if (pgno == plan_.header.lock_pgno()) return false;
    if (pgno <= keep_up_to_[input]) return true;
    if (pgno > plan_.header.commit) return false;
    return Error(Errc::kBrokenChain,
                 format("page %u is missing: the database lost it after ", pgno) +
                     images_[input].name() + " and has it again at the end, but no file holds it");
  }

  Status consume(Item& item, ltx::Encoder& encoder) {
    merge_->add(item.merged);
    frames_ += item.merged.frames.size();
    sum_ = checksum_xor(sum_, item.sum);
    for (std::size_t i = 0; i < item.count; ++i) LT_TRY(encoder.add_prepared(item.prepared[i]));
    return {};
  }

  const Job& job_;
  const std::vector<ImageRef>& images_;
  const ltx::MergePlan plan_;
  const ltx::PageCrc page_crc_;
  std::vector<Pgno> keep_up_to_;  // for each image: the smallest commit of those after it
  std::unique_ptr<FrameMerge> merge_;
  Checksum sum_ = kEmptyDatabase;
  std::uint64_t frames_ = 0;
};

}  // namespace

Result<ltx::MergePlan> plan_images(const std::vector<ImageRef>& images,
                                   const ltx::MergeRules& rules) {
  ltx::MergePlanner planner(rules);
  for (const ImageRef& r : images) LT_TRY(planner.add({r.name(), r.header, r.trailer}));
  return planner.finish();
}

ImageMerge::ImageMerge(const Job& job, const ltx::MergeRules& rules, std::string path)
    : job_(job), rules_(rules), path_(std::move(path)), planner_(rules) {}

Status ImageMerge::add(ImageRef image) {
  LT_TRY(planner_.add({image.name(), image.header, image.trailer}));
  if (pending_.size() == kMaxMergeInputs) LT_TRY(merge_pending());
  pending_.push_back(std::move(image));
  ++inputs_;
  return {};
}

Result<ImageMerge::Merged> ImageMerge::merge(const std::vector<ImageRef>& group) const {
  ltx::MergeRules rules = rules_;
  rules.variant = ltx::Variant::kV3Block;
  LT_ASSIGN(const auto plan, plan_images(group, rules));
  LT_ASSIGN(auto file, AtomicFile::create(job_.env, path_, true, 0600));
  LT_ASSIGN(const auto report, Merging(job_, group, plan).run(file));
  LT_TRY(file.file().close());
  ImageRef image{file.temp_path(), 0, report.size_bytes, report.header, report.trailer};
  return Merged{std::move(image), std::move(file)};
}

Status ImageMerge::merge_pending() {
  LT_ASSIGN(Merged merged, merge(std::exchange(pending_, {})));
  return add(0, std::move(merged));
}

Status ImageMerge::add(std::size_t round, Merged merged) {
  if (round == rounds_.size()) rounds_.emplace_back();
  rounds_[round].push_back(std::move(merged));
  return rounds_[round].size() < kMaxMergeInputs ? Status() : close_round(round);
}

Status ImageMerge::close_round(std::size_t round) {
  const Round pieces = std::exchange(rounds_[round], {});
  std::vector<ImageRef> group;
  for (const Merged& piece : pieces) group.push_back(piece.image);
  LT_ASSIGN(Merged merged, merge(group));
  return add(round + 1, std::move(merged));
}

std::size_t ImageMerge::image_count() const {
  std::size_t count = pending_.size();
  for (const Round& round : rounds_) count += round.size();
  return count;
}

Result<std::vector<ImageRef>> ImageMerge::reduce() {
  if (image_count() > kMaxMergeInputs) LT_TRY(merge_pending());
  for (std::size_t round = 0; image_count() > kMaxMergeInputs; ++round) {
    if (!rounds_[round].empty()) LT_TRY(close_round(round));
  }
  std::vector<ImageRef> images;
  for (auto round = rounds_.rbegin(); round != rounds_.rend(); ++round) {
    for (const Merged& merged : *round) images.push_back(merged.image);
  }
  images.insert(images.end(), pending_.begin(), pending_.end());
  return images;
}

Result<CompactReport> ImageMerge::write(ByteSink& sink) {
  LT_ASSIGN(const ltx::MergePlan plan, planner_.finish());
  LT_ASSIGN(const std::vector<ImageRef> images, reduce());
  LT_ASSIGN(CompactReport report, Merging(job_, images, plan).run(sink));
  report.inputs = inputs_;
  return report;
}

Result<CompactReport> compact(const Job& job, std::vector<ImageRef> images,
                              const std::string& output, const CompactOptions& options) {
  sort_images(images);
  // What cannot be merged is refused before anything is read.
  LT_TRY(plan_images(images, options.rules));
  LT_ASSIGN(auto file, AtomicFile::create(job.env, output, options.replace));
  ImageMerge merge(job, options.rules, output);
  for (ImageRef& image : images) LT_TRY(merge.add(std::move(image)));
  LT_ASSIGN(const CompactReport report, merge.write(file));
  LT_TRY(file.commit());
  return report;
}

}  // namespace litetool
