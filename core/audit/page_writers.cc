#include "core/audit/page_writers.h"

#include <algorithm>

#include "core/ltx/open_image.h"

namespace litetool {
namespace {

Status note_pages(const Job& job, const ImageRef& ref, std::span<const Pgno> pages,
                  std::map<Pgno, Txid>& writers) {
  LT_ASSIGN(const auto image, OpenImage::open(job.env, ref));
  ltx::FrameBatch batch;
  while (true) {
    LT_TRY(job.check());
    batch.clear();
    LT_ASSIGN(const bool more, image->read_batch(batch));
    if (!more) return {};
    for (const ltx::Frame& frame : batch.frames()) {
      if (!std::ranges::binary_search(pages, frame.pgno)) continue;
      writers.try_emplace(frame.pgno, ref.header.max_txid);  // a newer one stays
    }
  }
}

}  // namespace

Result<std::map<Pgno, Txid>> last_writers(const Job& job, const ImageChain& chain,
                                          std::span<const Pgno> pages) {
  std::map<Pgno, Txid> writers;
  LT_ASSIGN(const auto walk, chain.walk());
  while (writers.size() < pages.size()) {
    LT_ASSIGN(const auto ref, walk->next());
    if (!ref) break;
    LT_TRY(note_pages(job, *ref, pages, writers));
  }
  return writers;
}

}  // namespace litetool
