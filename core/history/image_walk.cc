#include "core/history/image_walk.h"

#include <algorithm>
#include <utility>

#include "core/history/history_reader.h"
#include "core/history/layout.h"

namespace litetool {

Result<ImageWalk> ImageWalk::open(const Job& job, const std::string& folder, Txid newest) {
  ImageWalk walk(job, folder);
  LT_TRY(walk.list(newest));
  return walk;
}

Status ImageWalk::list(Txid newest) {
  newest_ = newest;
  LT_ASSIGN(const std::vector<std::string> names, history_files(job_.env, kCwd, folder_));
  // A segment is named after its first image, so what comes after it says where it ends at most.
  Txid next_segment = kLastTxid;
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    const Txid named = last_txid_of_name(*name);
    const bool is_segment = is_segment_name(*name);
    if (first_txid_of_name(*name) <= newest) {
      closed_.push_back({folder_ + "/" + *name, is_segment ? next_segment : named});
    }
    if (is_segment) next_segment = named;
  }
  std::ranges::stable_sort(closed_, {}, &ClosedFile::last);
  return {};
}

Status ImageWalk::list_again() {
  closed_.clear();
  open_.clear();
  return list(newest_);
}

bool ImageWalk::was_given(const HistoryImage& image) const {
  return given_ &&
         std::pair(image.max_txid, image.min_txid) >= std::pair(given_->max_txid, given_->min_txid);
}

Result<std::optional<HistoryImage>> ImageWalk::next() {
  const auto by_end = [](const OpenFile& file) {
    return std::pair(file.head->max_txid, file.head->min_txid);
  };
  for (;;) {
    LT_TRY(job_.check());
    const auto best = std::ranges::max_element(open_, {}, by_end);
    const bool none = best == open_.end();
    if (!closed_.empty() && (none || closed_.back().last >= best->head->max_txid)) {
      LT_TRY(open_one());
      continue;
    }
    if (none) return std::optional<HistoryImage>();
    const std::optional<HistoryImage> image = best->head;
    path_ = best->path;
    LT_TRY(advance(*best));
    if (!best->head) open_.erase(best);
    given_ = image;
    return image;
  }
}

Result<std::optional<HistoryImage>> ImageWalk::next_step() {
  for (;;) {
    LT_ASSIGN(const auto image, next());
    if (!image) return std::optional<HistoryImage>();
    if (image->max_txid.value >= limit_) continue;
    limit_ = image->is_snapshot() ? image->max_txid.value : image->min_txid.value;
    return image;
  }
}

Status ImageWalk::open_one() {
  constexpr int kListings = 10;
  const std::string path = closed_.back().path;
  auto images = FileImages::open(job_.env, kCwd, path);
  if (!images && images.error().code == Errc::kNotFound && ++listings_ < kListings) {
    return list_again();
  }
  if (!images) return std::move(images).error().with(path);
  OpenFile file{path, *std::move(images), std::nullopt};
  do {
    LT_TRY(advance(file));
  } while (file.head && was_given(*file.head));
  closed_.pop_back();  // not before: who goes on after an error meets it again
  if (file.head) open_.push_back(std::move(file));
  return {};
}

Status ImageWalk::advance(OpenFile& file) {
  auto head = file.images.next();
  if (!head) return std::move(head).error().with(file.path);
  file.head = *head;
  return {};
}

}  // namespace litetool
