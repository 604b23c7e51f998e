#include "core/audit/page_sums.h"

#include <algorithm>

#include "core/os/ordered_pipeline.h"
#include "core/source/newest_pages.h"
#include "formats/base/crc64.h"

namespace litetool {
namespace {

// Read at once: fits the L2 cache beside other things.
constexpr std::size_t kReadBytes = 256 * 1024;

struct Piece {
  Pgno first = 0;
  Pgno count = 0;
  Buffer bytes{};
};

class Summing {
 public:
  Summing(const Job& job, const DatabaseImage& image, bool digest)
      : job_(job), image_(image), lock_(lock_page(std::max(image.page_size(), kMinPageSize))) {
    sums_.page_size = image.page_size();
    sums_.pages.resize(image.page_count());
    if (digest) hasher_.emplace();
  }

  Result<PageSums> run() {
    OrderedPipeline<Piece> pipeline(job_.threads);
    LT_TRY(pipeline.run([this](Piece& p) { return next(p); }, [this](Piece& p) { return sum(p); },
                        [this](Piece& p) { return take(p); }));
    if (hasher_) sums_.digest = hasher_->finish();
    return std::move(sums_);
  }

 private:
  Result<bool> next(Piece& piece) {
    LT_TRY(job_.check());
    const Pgno left = sums_.page_count() - done_;
    if (left == 0) return false;
    piece.first = done_ + 1;
    piece.count = std::min(left, static_cast<Pgno>(kReadBytes / sums_.page_size));
    done_ += piece.count;
    return true;
  }

  // On any thread: each piece has entries of its own.
  Status sum(Piece& piece) {
    const std::size_t page_size = sums_.page_size;
    piece.bytes.resize(piece.count * page_size);
    LT_TRY(image_.read_pages(piece.first, piece.bytes));
    for (Pgno i = 0; i < piece.count; ++i) {
      const Pgno pgno = piece.first + i;
      if (pgno == lock_) continue;
      sums_.pages[pgno - 1] =
          page_checksum(pgno, Bytes(piece.bytes).subspan(i * page_size, page_size));
    }
    return {};
  }

  Status take(Piece& piece) {
    const std::size_t page_size = sums_.page_size;
    for (Pgno i = 0; i < piece.count; ++i) {
      const Pgno pgno = piece.first + i;
      if (pgno == lock_) continue;
      sums_.total = checksum_xor(sums_.total, sums_.pages[pgno - 1]);
      if (hasher_) hasher_->update(Bytes(piece.bytes).subspan(i * page_size, page_size));
    }
    job_.advance(piece.bytes.size());
    return {};
  }

  const Job& job_;
  const DatabaseImage& image_;
  const Pgno lock_;
  PageSums sums_;
  std::optional<Hasher> hasher_;
  Pgno done_ = 0;  // pages handed out
};

}  // namespace

Result<PageSums> sums_of_database(const Job& job, const DatabaseImage& image, bool digest) {
  return Summing(job, image, digest).run();
}

Result<PageSums> sums_of_chain(const Job& job, const ImageChain& chain) {
  const ltx::Header& last = chain.last().header;
  PageSums sums;
  sums.page_size = last.page_size;
  sums.pages.resize(last.commit);
  const auto take = [&](Pgno first, Bytes pages) -> Status {
    for (std::size_t at = 0; at < pages.size(); at += last.page_size) {
      const auto pgno = first + static_cast<Pgno>(at / last.page_size);
      sums.pages[pgno - 1] = page_checksum(pgno, pages.subspan(at, last.page_size));
    }
    return {};
  };
  if (last.commit > 0) {
    LT_ASSIGN(const NewestPages read, read_newest_pages(job, chain, take));
    sums.total = read.checksum;
  }
  return sums;
}

std::vector<PageDifference> compare_sums(const PageSums& left, const PageSums& right) {
  LT_CHECK(left.page_size == right.page_size || left.pages.empty() || right.pages.empty());
  const auto sum_of = [](const PageSums& sums, std::size_t i) {
    return i < sums.pages.size() ? sums.pages[i] : Checksum{};
  };
  std::vector<PageDifference> found;
  const std::size_t count = std::max(left.pages.size(), right.pages.size());
  for (std::size_t i = 0; i < count; ++i) {
    const PageDifference d{static_cast<Pgno>(i + 1), sum_of(left, i), sum_of(right, i)};
    if (d.left != d.right) found.push_back(d);
  }
  return found;
}

}  // namespace litetool
