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

// Read at once: fits the L2 cache beside other things.
constexpr std::size_t kReadBytes = 256 * 1024;
// Mapped at once: enough that mapping costs nothing, and little memory for all threads.
constexpr std::size_t kMapBytes = 4 * 1024 * 1024;

struct Piece {
  Pgno first = 0;
  Pgno count = 0;
  MappedBytes mapped{};  // or, if empty:
  Buffer buffer{};
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

  // Maps what is in the page cache, unless the bytes are needed once more. Else they are read here,
  // one piece after another, so that the kernel sees one sequential reader however many threads
  // sum.
  Result<bool> next(Piece& piece) {
    LT_TRY(job_.check());
    if (next_ == result_.page_count) return false;
    set_extent(piece, kMapBytes);
    if (!hasher_) piece.mapped = file_.map_cached(offset_of(piece), size_of(piece));
    if (piece.mapped.empty()) {
      set_extent(piece, kReadBytes);
      LT_TRY(read(piece));
    }
    next_ += piece.count;
    return true;
  }

  void set_extent(Piece& piece, std::size_t size_bytes) const {
    piece.first = next_ + 1;
    piece.count = static_cast<Pgno>(
        std::min<std::uint64_t>(size_bytes / result_.page_size, result_.page_count - next_));
  }
  std::uint64_t offset_of(const Piece& piece) const {
    return std::uint64_t{piece.first - 1} * result_.page_size;
  }
  std::size_t size_of(const Piece& piece) const {
    return std::size_t{piece.count} * result_.page_size;
  }
  Bytes bytes_of(const Piece& piece) const {
    return piece.mapped.empty() ? Bytes(piece.buffer).first(size_of(piece)) : piece.mapped.bytes();
  }

  Status read(Piece& piece) const {
    if (piece.buffer.size() < size_of(piece)) piece.buffer.resize(size_of(piece));
    const MutableBytes bytes = MutableBytes(piece.buffer).first(size_of(piece));
    return file_.read_exact(bytes, offset_of(piece));
  }

  // Runs on any thread.
  Status sum(Piece& piece) const {
    add_up(piece);
    if (!piece.mapped.intact()) {  // was cut meanwhile: reading says how
      piece.mapped.reset();
      LT_TRY(read(piece));
      add_up(piece);
    }
    piece.mapped.reset();
    return {};
  }

  void add_up(Piece& piece) const {
    const Bytes bytes = bytes_of(piece);
    const std::size_t page_size = result_.page_size;
    piece.sums.clear();
    piece.sum = Checksum{};
    for (Pgno i = 0; i < piece.count; ++i) {
      const Pgno pgno = piece.first + i;
      const Checksum page = page_checksum(pgno, bytes.subspan(i * page_size, page_size));
      if (pgno != lock_) piece.sum = checksum_xor(piece.sum, page);
      if (pgno == lock_ || sink_ != nullptr) piece.sums.push_back({pgno, page});
    }
  }

  Status take(Piece& piece) {
    result_.checksum = checksum_xor(result_.checksum, piece.sum);
    if (hasher_) hash(piece, bytes_of(piece));
    job_.advance(size_of(piece));
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
