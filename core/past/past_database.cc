#include "core/past/past_database.h"

#include <algorithm>
#include <utility>

#include "formats/base/text.h"
#include "formats/sqlite/page_lookup.h"

namespace litetool {
namespace {

constexpr std::size_t kCacheBytes = std::size_t{8} << 20;

}  // namespace

PastDatabase::PastDatabase(const Job& job, std::shared_ptr<const ImageChain> chain,
                           std::string temp_dir)
    : job_(job),
      chain_(std::move(chain)),
      images_(job, std::move(temp_dir)),
      places_(last().commit),
      limit_(last().commit),
      cache_(std::max<std::size_t>(1, kCacheBytes / last().page_size)),
      zero_(last().page_size) {}

Result<Bytes> PastDatabase::page(Pgno pgno) {
  if (pgno < 1 || pgno > page_count()) return outside_of_database(pgno, page_count());
  if (pgno == last().lock_pgno()) return Bytes(zero_);
  if (const Buffer* cached = cache_.find(pgno)) return Bytes(*cached);
  LT_TRY(find(pgno));
  Buffer& room = cache_.add(pgno);
  const Place& place = places_[pgno - 1];
  auto status = images_.read(holders_[place.image - 1], pgno, {place.offset, place.size}, room);
  if (!status) {
    cache_.drop_newest();
    return std::move(status).error();
  }
  return Bytes(room);
}

Result<std::vector<Pgno>> PastDatabase::pages_since(Txid since) {
  for (;;) {
    LT_ASSIGN(const bool more, has_next());
    if (!more || next_->header.max_txid <= since) break;
    LT_TRY(look_at_next());
  }
  std::vector<Pgno> pages;
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const std::uint32_t image = places_[i].image;
    if (image != 0 && holders_[image - 1].header.max_txid > since) {
      pages.push_back(static_cast<Pgno>(i + 1));
    }
  }
  return pages;
}

Status PastDatabase::find(Pgno pgno) {
  while (places_[pgno - 1].image == 0) {
    LT_TRY(job_.check());
    LT_ASSIGN(const bool more, has_next());
    if (!more) {
      return Error(Errc::kBrokenChain, format("page %u of transaction %s is in no file", pgno,
                                              last().max_txid.text().c_str()));
    }
    LT_TRY(look_at_next());
  }
  return {};
}

Result<bool> PastDatabase::has_next() {
  if (walk_ == nullptr) {
    LT_ASSIGN(walk_, chain_->walk());
  }
  if (!next_) {
    LT_ASSIGN(next_, walk_->next());
  }
  return next_.has_value();
}

// A page beyond the limit was cut off by a later transaction: it is not what the page has now.
// After an error none of the image's pages is known, and it is still the next one: no older version
// is taken for the newest.
Status PastDatabase::look_at_next() {
  limit_ = std::min(limit_, next_->header.commit);
  holders_.push_back(*next_);  // before pages refer to it
  const auto number = static_cast<std::uint32_t>(holders_.size());
  bool has_news = false;
  const auto is_news = [this](Pgno pgno) { return pgno <= limit_ && places_[pgno - 1].image == 0; };
  const Status listed = images_.list(*next_, is_news, [&](std::span<const PlacedPage> pages) {
    for (const auto& [pgno, place] : pages) {
      if (!is_news(pgno)) continue;
      places_[pgno - 1] = {number, place.size, place.offset};
      has_news = true;
    }
  });
  if (!listed) {
    for (Place& place : places_) {
      if (place.image == number) place = {};
    }
    has_news = false;
  }
  if (!has_news) holders_.pop_back();
  if (listed) next_.reset();
  return listed;
}

}  // namespace litetool
