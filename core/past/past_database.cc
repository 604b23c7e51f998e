#include "core/past/past_database.h"

#include <algorithm>
#include <utility>

#include "formats/base/text.h"
#include "formats/sqlite/page_lookup.h"

namespace litetool {
namespace {

constexpr std::size_t kCacheBytes = std::size_t{8} << 20;

}  // namespace

PastDatabase::PastDatabase(const Job& job, std::vector<ImageRef> chain, std::string temp_dir)
    : job_(job),
      chain_(std::move(chain)),
      images_(job, std::move(temp_dir)),
      places_(chain_.back().header.commit),
      next_(chain_.size()),
      limit_(chain_.back().header.commit),
      cache_(std::max<std::size_t>(1, kCacheBytes / chain_.back().header.page_size)),
      zero_(chain_.back().header.page_size) {}

Result<Bytes> PastDatabase::page(Pgno pgno) {
  if (pgno < 1 || pgno > page_count()) return outside_of_database(pgno, page_count());
  if (pgno == last().lock_pgno()) return Bytes(zero_);
  if (const Buffer* cached = cache_.find(pgno)) return Bytes(*cached);
  LT_TRY(find(pgno));
  Buffer& room = cache_.add(pgno);
  const Place& place = places_[pgno - 1];
  auto status = images_.read(chain_[place.image - 1], pgno, {place.offset, place.size}, room);
  if (!status) {
    cache_.drop_newest();
    return std::move(status).error();
  }
  return Bytes(room);
}

Result<std::vector<Pgno>> PastDatabase::pages_since(std::size_t first) {
  while (next_ > first) LT_TRY(open_next());
  std::vector<Pgno> pages;
  for (std::size_t i = 0; i < places_.size(); ++i) {
    if (places_[i].image > first) pages.push_back(static_cast<Pgno>(i + 1));
  }
  return pages;
}

Status PastDatabase::find(Pgno pgno) {
  while (places_[pgno - 1].image == 0) {
    if (next_ == 0) {
      return Error(Errc::kBrokenChain, format("page %u of transaction %s is in no file", pgno,
                                              last().max_txid.text().c_str()));
    }
    LT_TRY(job_.check());
    LT_TRY(open_next());
  }
  return {};
}

// Looks at the next older image. A page beyond the limit was cut off by a later transaction: it is
// not what the page has now.
Status PastDatabase::open_next() {
  const ImageRef& image = chain_[--next_];
  limit_ = std::min(limit_, image.header.commit);
  const auto is_news = [this](Pgno pgno) { return pgno <= limit_ && places_[pgno - 1].image == 0; };
  return images_.list(image, is_news, [this, is_news](std::span<const PlacedPage> pages) {
    const auto number = static_cast<std::uint32_t>(next_ + 1);
    for (const auto& [pgno, place] : pages) {
      if (is_news(pgno)) places_[pgno - 1] = {number, place.size, place.offset};
    }
  });
}

}  // namespace litetool
