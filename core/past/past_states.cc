#include "core/past/past_states.h"

#include <algorithm>
#include <utility>

#include "formats/base/text.h"
#include "formats/ltx/page_order.h"
#include "formats/sqlite/page_lookup.h"

namespace litetool {
namespace {

constexpr std::size_t kStatesCacheBytes = std::size_t{16} << 20;

}  // namespace

class PastStates::State : public PageSource {
 public:
  State(PastStates& states, std::size_t number, const ltx::Header& header)
      : states_(states), number_(number), header_(header), zero_(header.page_size) {}

  std::uint32_t page_size() const override { return header_.page_size; }
  Pgno page_count() const override { return header_.commit; }
  Result<Bytes> page(Pgno pgno) override {
    if (pgno < 1 || pgno > page_count()) return outside_of_database(pgno, page_count());
    if (pgno == header_.lock_pgno()) return Bytes(zero_);
    return states_.page_of(number_, pgno);
  }

 private:
  PastStates& states_;
  const std::size_t number_;
  const ltx::Header header_;
  const Buffer zero_;  // the lock page
};

PastStates::PastStates(const Job& job, ImageWithNumber image, std::string temp_dir)
    : image_(std::move(image)), images_(job, std::move(temp_dir)) {}

Result<std::unique_ptr<PageSource>> PastStates::state(std::size_t number) {
  LT_ASSIGN(const Numbered at, image_(number));
  return std::unique_ptr<PageSource>(std::make_unique<State>(*this, number, at.image->header));
}

Result<std::vector<Pgno>> PastStates::pages_in_image(std::size_t number) {
  LT_ASSIGN(const Numbered at, image_(number));
  std::vector<Pgno> pages;
  const auto all = [](Pgno) { return true; };
  LT_TRY(images_.list(*at.image, all, [&pages](std::span<const PlacedPage> some) {
    for (const PlacedPage& page : some) pages.push_back(page.pgno);
  }));
  return pages;
}

void PastStates::known(std::size_t number, std::shared_ptr<PageSource> pages) {
  known_ = std::move(pages);
  known_number_ = number;
}

Result<Bytes> PastStates::page_of(std::size_t number, Pgno pgno) {
  if (seen_ < floor_) pass_over();
  while (seen_ < number) LT_TRY(look_at_next());
  if (is_as_known(number, pgno)) return known_->page(pgno);
  LT_ASSIGN(const Version version, find(number, pgno));
  LT_ASSIGN(const Numbered at, image_(version.number));
  if (!cache_) cache_.emplace(kStatesCacheBytes / at.image->header.page_size);
  const std::uint64_t key = std::uint64_t{version.number} << 32 | pgno;
  if (const Buffer* cached = cache_->find(key)) return Bytes(*cached);
  Buffer& room = cache_->add(key);
  auto status = images_.read(*at.image, pgno, version.place, room);
  if (!status) {
    cache_->drop_newest();
    return std::move(status).error();
  }
  return Bytes(room);
}

// Whether the state has the page that the known, newer state has.
bool PastStates::is_as_known(std::size_t number, Pgno pgno) const {
  if (known_ == nullptr || number < known_number_ || pgno > known_->page_count()) return false;
  const Version* const newer = version_from(known_number_, pgno);
  if (newer != nullptr && newer->number < number) return false;
  const auto is_between = [&](const Start& start) {
    return start.number >= known_number_ && start.number < number;
  };
  return std::ranges::none_of(starts_, is_between) && !was_cut_off(known_number_, number, pgno);
}

const PastStates::Version* PastStates::version_from(std::size_t number, Pgno pgno) const {
  const auto known = versions_.find(pgno);
  if (known == versions_.end()) return nullptr;
  const auto at = std::ranges::lower_bound(known->second, number, {}, &Version::number);
  return at == known->second.end() ? nullptr : &*at;
}

Result<PastStates::Version> PastStates::find(std::size_t number, Pgno pgno) {
  for (;;) {
    const auto start =
        std::ranges::find_if(starts_, [&](const Start& s) { return s.number >= number; });
    const Version* const version = version_from(number, pgno);
    std::optional<Version> found;
    if (version != nullptr && (start == starts_.end() || version->number <= start->number)) {
      found = *version;
    } else if (start != starts_.end()) {
      const auto at =
          std::ranges::lower_bound(start->pages, pgno, {}, [](const auto& p) { return p.first; });
      if (at == start->pages.end() || at->first != pgno) return missing(pgno);
      found = Version{start->number, at->second};
    }
    if (found) {
      if (was_cut_off(number, found->number, pgno)) return missing(pgno);
      return *found;
    }
    LT_TRY(look_at_next());
  }
}

// Whether a state with a number in [from, to) did not have the page.
bool PastStates::was_cut_off(std::size_t from, std::size_t to, Pgno pgno) const {
  return std::ranges::any_of(shrinks_, [&](const Shrink& s) {
    return s.number >= from && s.number < to && s.commit < pgno;
  });
}

// Up to the oldest state that is not forgotten: nobody knows what was written in between.
void PastStates::pass_over() {
  seen_ = floor_;
  last_commit_.reset();
  if (known_number_ < floor_) known_.reset();
}

Status PastStates::look_at_next() {
  if (seen_ >= floor_ && seen_ - floor_ >= reach_) {
    return Error(Errc::kTimeout, format("a page is not in the %zu images before it", reach_));
  }
  LT_ASSIGN(const Numbered at, image_(seen_));
  const ltx::Header& header = at.image->header;
  if (seen_ > 0 && !at.leads_on) starts_.push_back({seen_ - 1, {}});
  const auto all = [](Pgno) { return true; };
  if (header.is_snapshot()) {
    Start snapshot{seen_, {}};
    snapshot.pages.reserve(std::min<std::uint64_t>(
        header.commit, ltx::largest_commit(at.image->size, header.page_size)));
    LT_TRY(images_.list(*at.image, all, [&](std::span<const PlacedPage> pages) {
      for (const auto& [pgno, place] : pages) snapshot.pages.emplace_back(pgno, place);
    }));
    starts_.push_back(std::move(snapshot));
  } else {
    LT_TRY(images_.list(*at.image, all, [this](std::span<const PlacedPage> pages) {
      for (const auto& [pgno, place] : pages) add({seen_, place}, pgno);
    }));
  }
  if (last_commit_ && header.commit > *last_commit_) {
    shrinks_.push_back({seen_ - 1, *last_commit_});
  }
  last_commit_ = header.commit;
  ++seen_;
  return {};
}

void PastStates::add(const Version& version, Pgno pgno) {
  std::vector<Version>& versions = versions_[pgno];
  // The last one that is forgotten still tells that the page was written since.
  const auto kept = std::ranges::lower_bound(versions, floor_, {}, &Version::number);
  if (kept - versions.begin() > 1) versions.erase(versions.begin(), kept - 1);
  versions.push_back(version);
}

Error PastStates::missing(Pgno pgno) {
  return Error(Errc::kBrokenChain, format("page %u of the database is in no file", pgno));
}

}  // namespace litetool
