#include "core/capture/transaction_encoder.h"

#include <algorithm>
#include <cstring>

#include "core/os/ordered_pipeline.h"

namespace litetool {
namespace {

// Of LZ4: less time, more bytes.
constexpr int kAcceleration = 4;
// From here on a second thread is worth starting.
constexpr std::uint64_t kLargeBytes = std::uint64_t{2} << 20;
constexpr unsigned kThreads = 2;
constexpr std::size_t kPieceBytes = std::size_t{128} << 10;

void prepare(Pgno pgno, Bytes page, ltx::PreparedFrame& frame) {
  ltx::prepare_frame(ltx::Variant::kV3Block, pgno, page, frame, kAcceleration);
}

bool is_known(const PageChecksums* known, Pgno pgno, Checksum sum) {
  return known != nullptr && known->get(pgno) == sum;
}

// Some pages on their way through the pipeline.
struct Piece {
  std::size_t first = 0;  // index in the transaction
  std::size_t count = 0;
  Buffer pages{};
  std::vector<ltx::PreparedFrame> frames{};
  std::vector<Checksum> sums{};
};

}  // namespace

Status TransactionEncoder::add(ltx::Encoder& encoder, const Transaction& transaction,
                               const PageChecksums* known, TransactionSums& sums) {
  sums.assign(transaction.pages.size(), Checksum{});
  scratch_.resize(transaction.page_size);
  if (transaction.pages.size() * std::uint64_t{transaction.page_size} >= kLargeBytes) {
    LT_TRY(add_large(encoder, transaction, known, sums));
  } else {
    for (std::size_t i = 0; i < transaction.pages.size(); ++i) {
      LT_TRY(add_one(encoder, transaction, i, known, sums));
    }
  }
  const bool changed_none = !sums.empty() && std::ranges::none_of(sums, &Checksum::present);
  return changed_none ? add_one(encoder, transaction, 0, nullptr, sums) : Status();
}

Status TransactionEncoder::add_one(ltx::Encoder& encoder, const Transaction& transaction,
                                   std::size_t index, const PageChecksums* known,
                                   TransactionSums& sums) {
  const Pgno pgno = transaction.pages[index];
  LT_ASSIGN(const Bytes page, transaction.read(index, pgno, scratch_));
  const Checksum sum = page_checksum(pgno, page);
  if (is_known(known, pgno, sum)) return {};
  prepare(pgno, page, frame_);
  LT_TRY(encoder.add_prepared(frame_));
  sums[index] = sum;
  return {};
}

Status TransactionEncoder::add_large(ltx::Encoder& encoder, const Transaction& transaction,
                                     const PageChecksums* known, TransactionSums& sums) {
  const std::size_t page_size = transaction.page_size;
  const std::size_t per_piece = std::max<std::size_t>(kPieceBytes / page_size, 1);
  std::size_t next = 0;
  const auto read = [&](Piece& piece) -> Result<bool> {
    piece.first = next;
    piece.count = std::min(per_piece, transaction.pages.size() - next);
    piece.pages.resize(piece.count * page_size);
    for (std::size_t i = 0; i < piece.count; ++i, ++next) {
      const MutableBytes to = MutableBytes(piece.pages).subspan(i * page_size, page_size);
      LT_ASSIGN(const Bytes page, transaction.read(next, transaction.pages[next], to));
      if (page.data() != to.data()) std::memcpy(to.data(), page.data(), page_size);
    }
    return piece.count != 0;
  };
  const auto compress = [&](Piece& piece) -> Status {
    piece.frames.resize(per_piece);
    piece.sums.resize(piece.count);
    for (std::size_t i = 0; i < piece.count; ++i) {
      const Pgno pgno = transaction.pages[piece.first + i];
      const Bytes page = Bytes(piece.pages).subspan(i * page_size, page_size);
      piece.sums[i] = page_checksum(pgno, page);
      if (!is_known(known, pgno, piece.sums[i])) prepare(pgno, page, piece.frames[i]);
    }
    return {};
  };
  const auto write = [&](Piece& piece) -> Status {
    for (std::size_t i = 0; i < piece.count; ++i) {
      const std::size_t index = piece.first + i;
      if (is_known(known, transaction.pages[index], piece.sums[i])) continue;
      LT_TRY(encoder.add_prepared(piece.frames[i]));
      sums[index] = piece.sums[i];
    }
    return {};
  };
  OrderedPipeline<Piece> pipeline(kThreads);
  return pipeline.run(read, compress, write);
}

}  // namespace litetool
