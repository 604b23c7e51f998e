#include "core/history/retention.h"

#include <algorithm>

#include "core/history/layout.h"

namespace litetool {
namespace {

constexpr std::int64_t kMinute = 60'000;
constexpr std::size_t kManySmallFiles = 8;
constexpr std::uint64_t kManyImages = 200'000;  // for a base to be made of at once

std::uint64_t total(const std::vector<HistoryFile>& files) {
  std::uint64_t bytes = 0;
  for (const HistoryFile& file : files) bytes += file.size;
  return bytes;
}

bool is_only_snapshot(const HistoryFile& file) {
  return file.images == 1 && file.begins_with_snapshot;
}

bool worth_rewriting(const std::vector<const HistoryFile*>& run) {
  if (run.size() >= kManySmallFiles) return true;
  std::uint64_t before = 0;
  std::uint64_t after = run.back()->ends_open ? 1 : 0;
  for (const HistoryFile* file : run) {
    before += file->images;
    after += file->groups;
  }
  return after * 2 <= before;
}

// The oldest point that fits the cap, if everything before it goes: of the kept ones, no newer than
// the oldest tag allows.
Txid base_for_cap(const std::vector<HistoryFile>& files, const KeptPoints& kept,
                  const RetentionPolicy& policy, Txid base) {
  std::uint64_t bytes = total(files);
  for (const HistoryFile& file : files) {
    if (bytes <= policy.size_cap) break;
    const auto next = kept.next(file.last);
    if (!next) break;
    if (!file.is_base) bytes -= std::min(bytes, file.size);
    if (kept.oldest_tagged && *next > *kept.oldest_tagged) {
      return std::max(base, *kept.oldest_tagged);
    }
    base = std::max(base, *next);
  }
  return base;
}

// Where a file ends, so that whole files go; a base in the middle of one would leave a part of it
// that follows on from nothing. No further than what frees as much as the base takes needs, when
// that is many images.
Txid choose_base(const std::vector<HistoryFile>& files, const KeptPoints& kept,
                 const RetentionPolicy& policy) {
  const auto oldest = kept.oldest();
  if (!oldest) return {};
  std::uint64_t base_size = 0;
  Txid present;
  for (const HistoryFile& file : files) {
    // The first one may be a base in all but its name: the first segment of a large database.
    if (!file.is_base && (&file != &files.front() || !is_only_snapshot(file))) continue;
    base_size = file.size;
    present = file.last;
  }
  const bool over_cap = policy.size_cap != 0 && total(files) > policy.size_cap;
  const Txid wanted = over_cap ? base_for_cap(files, kept, policy, *oldest) : *oldest;
  const std::uint64_t worth =
      over_cap ? 1 : std::max<std::uint64_t>(base_size, policy.file_size / 64);
  Txid base;
  std::uint64_t images = 0;
  std::uint64_t freed = 0;
  std::uint64_t before = 0;  // bytes of the files before the one in hand
  for (const HistoryFile& file : files) {
    if (file.is_base || file.last <= present) continue;
    images += file.images;
    if (file.last > wanted || (freed >= worth && images > kManyImages)) break;
    // A snapshot alone would only be written once more, and what goes is the present base.
    const std::uint64_t own = is_only_snapshot(file) ? base_size : file.size;
    if (file.commit != 0) {  // else there is no database that could be the base
      base = file.last;
      freed = before + own;
    }
    before += file.size;
  }
  return freed >= worth ? base : Txid{};
}

// Whether what stays still leads on, by way of `by`, when all that it replaces has gone.
bool is_linked(const HistoryFile& by, const std::vector<HistoryFile>& present) {
  const bool follows =
      by.is_base || by.begins_with_snapshot || by.start.value == 1 ||
      std::ranges::any_of(present, [&](const HistoryFile& f) { return f.last.next() == by.start; });
  bool is_last = true;
  for (const HistoryFile& file : present) {
    if (file.is_base || file.last <= by.last) continue;
    if (file.start == by.last.next()) return follows;
    is_last = false;
  }
  return follows && is_last;
}

}  // namespace

bool replaces(const HistoryFile& by, const HistoryFile& file) {
  if (&by == &file) return false;
  if (by.is_base) return file.last <= by.last;
  if (file.is_base || !is_compacted_name(by.name)) return false;
  if (by.last < file.last || by.start > file.start) return false;
  const bool same_stretch = by.start == file.start && by.last == file.last;
  return !same_stretch || !is_compacted_name(file.name) || by.images < file.images;
}

bool is_replaced(const HistoryFile& file, const std::vector<HistoryFile>& files) {
  return std::ranges::any_of(files, [&](const HistoryFile& by) { return replaces(by, file); });
}

bool KeptPoints::contains(Txid point) const {
  return point > newest || (every_from.value != 0 && point >= every_from) || listed.contains(point);
}

std::optional<Txid> KeptPoints::oldest() const {
  if (!listed.empty()) return *listed.begin();
  return every_from.value != 0 ? std::optional(every_from) : std::nullopt;
}

std::optional<Txid> KeptPoints::next(Txid point) const {
  const auto after = listed.upper_bound(point);
  if (after != listed.end()) return *after;
  if (every_from.value == 0 || point >= newest) return std::nullopt;
  return std::max(every_from, point.next());
}

bool KeepRule::keeps_all_since(std::int64_t timestamp_ms) const {
  return now_ms_ - timestamp_ms <= policy_.every_for_ms;
}

void KeepRule::pass(std::int64_t timestamp_ms) {
  bucket_ = bucket_of(timestamp_ms);
}

bool KeepRule::keeps(const HistoryImage& image) {
  const std::optional<std::int64_t> before = bucket_;
  pass(image.timestamp_ms);
  const bool last_of_bucket =
      before != bucket_ && now_ms_ - image.timestamp_ms <= policy_.hours_for_ms;
  return !before || keeps_all_since(image.timestamp_ms) || last_of_bucket ||
         tagged_.contains(image.max_txid);
}

// The stretch of time that shares one point, while not every transaction has its own.
std::int64_t KeepRule::bucket_of(std::int64_t timestamp_ms) const {
  if (now_ms_ - timestamp_ms <= policy_.minutes_for_ms) return timestamp_ms / kMinute;
  return -timestamp_ms / RetentionPolicy::kHour - 1;  // never one of the minutes
}

bool ends_group(const HistoryImage& image, bool kept) {
  return kept || image.is_snapshot();
}

std::vector<ImageGroup> group_images(std::span<const HistoryImage> images, const KeptPoints& kept) {
  std::vector<ImageGroup> groups;
  bool open = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < images.size(); ++i) {
    if (!open || images[i].is_snapshot()) {
      begin = i;
      groups.emplace_back();
    }
    groups.back() = images.subspan(begin, i - begin + 1);
    open = !ends_group(images[i], kept.contains(images[i].max_txid));
  }
  return groups;
}

RetentionPlan plan_retention(const std::vector<HistoryFile>& files, const RetentionPolicy& policy,
                             const KeptPoints& kept, std::int64_t now_ms) {
  RetentionPlan plan;
  std::vector<const HistoryFile*> run;
  std::uint64_t run_bytes = 0;
  const auto end_run = [&] {
    if (!run.empty() && worth_rewriting(run)) {
      plan.rewrites.emplace_back();
      for (const HistoryFile* file : run) plan.rewrites.back().push_back(file->name);
    }
    run.clear();
    run_bytes = 0;
  };
  std::vector<HistoryFile> present;
  std::vector<HistoryFile> replaced;
  for (const HistoryFile& file : files) {
    (is_replaced(file, files) ? replaced : present).push_back(file);
  }
  for (const HistoryFile& file : replaced) {
    const bool in_time = std::ranges::any_of(present, [&](const HistoryFile& by) {
      return replaces(by, file) && now_ms - by.modified_ms >= policy.grace_ms &&
             is_linked(by, present);
    });
    if (in_time) plan.removals.push_back(file.name);
  }
  plan.new_base = choose_base(present, kept, policy);
  for (const HistoryFile& file : present) {
    // An image that reached over the end of the base would follow on from nothing.
    if (file.last <= plan.new_base) continue;
    if (file.is_base || (!run.empty() && run_bytes + file.size > policy.file_size)) end_run();
    if (file.is_base) continue;
    run.push_back(&file);
    run_bytes += file.size;
  }
  end_run();
  // The newest first: what is left after a death half way still follows on from what is before it.
  std::ranges::reverse(plan.removals);
  return plan;
}

}  // namespace litetool
