#include "core/audit/database_checksum.h"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "core/os/ordered_pipeline.h"
#include "formats/base/crc64.h"
#include "formats/base/text.h"
#include "formats/sqlite/file_header.h"

namespace litetool {
namespace {

constexpr std::size_t kPieceBytes = 256 * 1024;  // fits the L2 cache beside other things

struct Piece {
  Pgno first = 0;
  Pgno count = 0;
  Buffer bytes{};
  std::vector<PageSum> sums{};
  Checksum sum{};
};

Result<std::uint32_t> page_size_of(const File& file) {
  std::array<std::byte, kFileHeaderSize> head;
  LT_ASSIGN(const std::size_t n, file.read_at(head, 0));
  const Bytes first = Bytes(head).first(n);
  if (!is_database(first)) {
    return Error::corrupt(0, "not a SQLite database (--page-size sums other files)");
  }
  LT_ASSIGN(const FileHeader header, decode_file_header(first));
  return header.page_size;
}

class Summing {
 public:
  Summing(const Job& job, const File& file, const ChecksumRequest& request, PageSumSink* sink)
      : job_(job), file_(file), sink_(sink) {
    result_.page_size = request.page_size;
    if (request.digest) hasher_.emplace();
  }

  Result<DatabaseChecksum> run() {
    LT_TRY(measure());
    if (result_.page_count > 0) {
      file_.advise_sequential();
      OrderedPipeline<Piece> pipeline(job_.threads);
      LT_TRY(pipeline.run([this](Piece& p) { return next(p); }, [this](Piece& p) { return sum(p); },
                          [this](Piece& p) { return take(p); }));
    }
    if (lock_page_sum_) result_.with_lock_page = checksum_xor(result_.checksum, *lock_page_sum_);
    if (hasher_) result_.digest = hasher_->finish();
    return result_;
  }

 private:
  Status measure() {
    const std::uint64_t size = file_.size();
    if (size == 0) return {};
    if (result_.page_size == 0) {
      LT_ASSIGN(result_.page_size, page_size_of(file_));
    }
    const std::uint64_t pages = size / result_.page_size;
    if (size % result_.page_size != 0) {
      return Error::corrupt(pages * result_.page_size,
                            "ends within a page: " + std::to_string(size) +
                                " bytes are not a multiple of the page size " +
                                std::to_string(result_.page_size));
    }
    if (pages >= std::numeric_limits<Pgno>::max()) {
      return Error(Errc::kUnsupported, "has more pages than SQLite allows");
    }
    result_.page_count = static_cast<Pgno>(pages);
    lock_ = lock_page(result_.page_size);
    return {};
  }

  Result<bool> next(Piece& piece) {
    LT_TRY(job_.check());
    if (next_ == result_.page_count) return false;
    const auto room = static_cast<Pgno>(kPieceBytes / result_.page_size);
    piece.first = next_ + 1;
    piece.count = std::min<Pgno>(room, result_.page_count - next_);
    next_ += piece.count;
    return true;
  }

  // Runs on any thread.
  Status sum(Piece& piece) const {
    const std::size_t page_size = result_.page_size;
    piece.bytes.resize(kPieceBytes);
    const MutableBytes bytes = MutableBytes(piece.bytes).first(piece.count * page_size);
    LT_TRY(file_.read_exact(bytes, std::uint64_t{piece.first - 1} * page_size));
    piece.sums.clear();
    piece.sum = Checksum{};
    for (Pgno i = 0; i < piece.count; ++i) {
      const Pgno pgno = piece.first + i;
      const Checksum page = page_checksum(pgno, bytes.subspan(i * page_size, page_size));
      if (pgno != lock_) piece.sum = checksum_xor(piece.sum, page);
      if (pgno == lock_ || sink_ != nullptr) piece.sums.push_back({pgno, page});
    }
    return {};
  }

  Status take(Piece& piece) {
    const std::size_t bytes = piece.count * std::size_t{result_.page_size};
    result_.checksum = checksum_xor(result_.checksum, piece.sum);
    if (hasher_) hash(piece, Bytes(piece.bytes).first(bytes));
    job_.advance(bytes);
    if (holds_lock_page(piece)) {
      const auto at = std::ranges::find(piece.sums, lock_, &PageSum::pgno);
      lock_page_sum_ = at->checksum;
      piece.sums.erase(at);
    }
    if (sink_ != nullptr && !piece.sums.empty()) LT_TRY(sink_->pages(piece.sums));
    return {};
  }

  bool holds_lock_page(const Piece& piece) const {
    return lock_ >= piece.first && lock_ - piece.first < piece.count;
  }

  void hash(const Piece& piece, Bytes bytes) {
    if (!holds_lock_page(piece)) return hasher_->update(bytes);
    const std::size_t at = (lock_ - piece.first) * std::size_t{result_.page_size};
    hasher_->update(bytes.first(at));
    hasher_->update(bytes.subspan(at + result_.page_size));
  }

  const Job& job_;
  const File& file_;
  PageSumSink* sink_;
  DatabaseChecksum result_;
  std::optional<Hasher> hasher_;
  std::optional<Checksum> lock_page_sum_;
  Pgno lock_ = 0;
  Pgno next_ = 0;  // the last page handed out
};

}  // namespace

Result<DatabaseChecksum> database_checksum(const Job& job, const File& file,
                                           const ChecksumRequest& request, PageSumSink* sink) {
  return Summing(job, file, request, sink).run();
}

}  // namespace litetool
