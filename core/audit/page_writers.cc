#include "core/audit/page_writers.h"

#include <algorithm>

#include "core/ltx/open_image.h"

namespace litetool {
namespace {

Status note_pages(const Job& job, OpenImage& image, std::span<const Pgno> pages,
                  std::map<Pgno, Txid>& writers) {
  ltx::FrameBatch batch;
  while (true) {
    LT_TRY(job.check());
    batch.clear();
    LT_ASSIGN(const bool more, image.read_batch(batch));
    if (!more) return {};
    for (const ltx::Frame& frame : batch.frames()) {
      if (!std::ranges::binary_search(pages, frame.pgno)) continue;
      writers.try_emplace(frame.pgno, image.ref().header.max_txid);  // a newer one stays
    }
  }
}

}  // namespace

Result<std::map<Pgno, Txid>> last_writers(const Job& job, const ImageChain& chain,
                                          std::span<const Pgno> pages) {
  std::map<Pgno, Txid> writers;
  LT_ASSIGN(const auto walk, chain.walk());
  std::unique_ptr<OpenImage> image;
  while (writers.size() < pages.size()) {
    LT_ASSIGN(const auto ref, walk->next());
    if (!ref) break;
    LT_ASSIGN(image, OpenImage::open_after(image.get(), job.env, *ref));
    LT_TRY(note_pages(job, *image, pages, writers));
  }
  return writers;
}

}  // namespace litetool
