#include "core/capture/scan_capture.h"

#include <algorithm>

#include "core/os/ordered_pipeline.h"

namespace litetool {
namespace {

constexpr std::size_t kPieceSize = 256 * 1024;  // read and summed at once

}  // namespace

Result<PageChecksums> checksums_of(const Job& job, const CommittedView& view) {
  struct Piece {
    Pgno first = 0;
    Buffer pages{};
    std::vector<Checksum> sums{};
  };
  const std::uint32_t page_size = view.page_size();
  const Pgno most = std::max<Pgno>(kPieceSize / page_size, 1);
  PageChecksums checksums;
  checksums.resize(view.commit());
  Pgno done = 0;
  const auto next = [&](Piece& piece) -> Result<bool> {
    LT_TRY(job.check());
    if (done == view.commit()) return false;
    const Pgno count = std::min(most, view.commit() - done);
    piece.first = done + 1;
    piece.pages.resize(std::size_t{count} * page_size);
    piece.sums.resize(count);
    done += count;
    return true;
  };
  const auto sum = [&](Piece& piece) -> Status {
    LT_TRY(view.read_run(piece.first, piece.pages));
    for (Pgno i = 0; i < piece.sums.size(); ++i) {
      piece.sums[i] = page_checksum(
          piece.first + i, Bytes(piece.pages).subspan(std::size_t{i} * page_size, page_size));
    }
    return {};
  };
  const auto take = [&](Piece& piece) -> Status {
    for (Pgno i = 0; i < piece.sums.size(); ++i) {
      if (piece.first + i != lock_page(page_size)) checksums.set(piece.first + i, piece.sums[i]);
    }
    return {};
  };
  const Pgno pieces = view.commit() / most + 1;
  OrderedPipeline<Piece> pipeline(std::min<unsigned>(job.threads, pieces));
  LT_TRY(pipeline.run(next, sum, take));
  return checksums;
}

Result<std::vector<Pgno>> pages_that_differ(const CommittedView& view, const PageList& candidates,
                                            const PageChecksums& known) {
  const Pgno lock = lock_page(view.page_size());
  std::vector<Pgno> changed;
  Buffer page(view.page_size());
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Pgno pgno = candidates[i];
    if (pgno == lock) continue;
    LT_TRY(view.read(pgno, page));
    if (page_checksum(pgno, page) != known.get(pgno)) changed.push_back(pgno);
  }
  return changed;
}

Transaction transaction_of(const CommittedView& view, PageList pages) {
  Transaction transaction;
  transaction.page_size = view.page_size();
  transaction.commit = view.commit();
  transaction.pages = std::move(pages);
  if (view.has_wal() && view.wal_end().frame != 0) {
    transaction.wal = wal_range(view.wal_header(), 1, view.wal_end().frame);
  }
  transaction.read = [&view](std::size_t, Pgno pgno, MutableBytes scratch) -> Result<Bytes> {
    LT_TRY(view.read(pgno, scratch));
    return Bytes(scratch);
  };
  return transaction;
}

}  // namespace litetool
