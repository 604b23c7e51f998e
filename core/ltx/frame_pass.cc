#include "core/ltx/frame_pass.h"

#include "core/os/ordered_pipeline.h"

namespace litetool {
namespace {

Status work(const FrameMerge& merge, const ltx::PageCrc& page_crc, Pgno lock_pgno,
            std::optional<ltx::Variant> variant, FramePassItem& item) {
  const std::uint32_t page_size = merge.page_size();
  const auto& frames = item.merged.frames.frames();
  item.pages.clear();
  item.page.resize(page_size);
  if (item.prepared.size() < frames.size()) item.prepared.resize(frames.size());
  for (std::size_t i = 0; i < frames.size(); ++i) {
    auto crc = ltx::decode_frame(frames[i], item.page);
    if (!crc) return merge.locate(item.merged, i, std::move(crc).error());
    item.merged.crcs[i] = *crc;
    if (frames[i].pgno == lock_pgno) continue;
    item.pages.push_back({frames[i].pgno, page_crc.page_checksum(frames[i], *crc)});
    if (!variant) continue;
    ltx::PreparedFrame& out = item.prepared[item.pages.size() - 1];
    if (*variant != ltx::Variant::kV3Block ||
        !ltx::reframe_v3_block(frames[i], *crc, page_size, page_crc, out)) {
      ltx::prepare_frame(*variant, frames[i].pgno, item.page, out);
    }
  }
  return {};
}

}  // namespace

Status pass_frames(const Job& job, const ImageRef& image, std::optional<ltx::Variant> variant,
                   const std::function<Status(FramePassItem&)>& take) {
  LT_ASSIGN(const auto merge, FrameMerge::open(job, {image}));
  const ltx::PageCrc page_crc(merge->page_size());
  const Pgno lock_pgno = image.header.lock_pgno();
  OrderedPipeline<FramePassItem> pipeline(job.threads);
  const auto consume = [&](FramePassItem& item) {
    merge->add(item.merged);
    return take(item);
  };
  LT_TRY(pipeline.run(
      [&](FramePassItem& item) { return merge->next(item.merged); },
      [&](FramePassItem& item) { return work(*merge, page_crc, lock_pgno, variant, item); },
      consume));
  return merge->verify();
}

}  // namespace litetool
