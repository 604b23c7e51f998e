#include "core/capture/scan_capture.h"

namespace litetool {

std::vector<Pgno> all_pages(Pgno commit, std::uint32_t page_size) {
  const Pgno lock = lock_page(page_size);
  std::vector<Pgno> pages;
  pages.reserve(commit);
  for (Pgno pgno = 1; pgno <= commit; ++pgno) {
    if (pgno != lock) pages.push_back(pgno);
  }
  return pages;
}

Result<PageChecksums> checksums_of(const CommittedView& view) {
  PageChecksums checksums;
  checksums.resize(view.commit());
  Buffer page(view.page_size());
  for (const Pgno pgno : all_pages(view.commit(), view.page_size())) {
    LT_TRY(view.read(pgno, page));
    checksums.set(pgno, page_checksum(pgno, page));
  }
  return checksums;
}

Result<std::vector<Pgno>> pages_that_differ(const CommittedView& view,
                                            const std::vector<Pgno>& candidates,
                                            const PageChecksums& known) {
  const Pgno lock = lock_page(view.page_size());
  std::vector<Pgno> changed;
  Buffer page(view.page_size());
  for (const Pgno pgno : candidates) {
    if (pgno == lock) continue;
    LT_TRY(view.read(pgno, page));
    if (page_checksum(pgno, page) != known.get(pgno)) changed.push_back(pgno);
  }
  return changed;
}

Transaction transaction_of(const CommittedView& view, std::vector<Pgno> pages) {
  Transaction transaction;
  transaction.page_size = view.page_size();
  transaction.commit = view.commit();
  transaction.pages = std::move(pages);
  transaction.read = [&view, list = transaction.pages](std::size_t index,
                                                       MutableBytes scratch) -> Result<Bytes> {
    LT_TRY(view.read(list[index], scratch));
    return Bytes(scratch);
  };
  return transaction;
}

}  // namespace litetool
