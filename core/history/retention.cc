#include "core/history/retention.h"

#include <algorithm>

#include "core/history/layout.h"

namespace litetool {
namespace {

constexpr std::int64_t kMinute = 60'000;
constexpr std::size_t kManySmallFiles = 8;

std::uint64_t total(const std::vector<ClosedFile>& files) {
  std::uint64_t bytes = 0;
  for (const ClosedFile& file : files) bytes += file.size;
  return bytes;
}

// The stretch of time that shares one point; every transaction has its own while `image` is young.
std::int64_t bucket_of(const HistoryImage& image, const RetentionPolicy& policy,
                       std::int64_t now_ms) {
  const std::int64_t age = now_ms - image.timestamp_ms;
  if (age <= policy.minutes_for_ms) return image.timestamp_ms / kMinute;
  return -image.timestamp_ms / RetentionPolicy::kHour - 1;  // never one of the minutes
}

// The first transaction that a file is about; a snapshot says so of all before it.
Txid start_of(const ClosedFile& file) {
  const HistoryImage& first = file.images.front();
  return first.is_snapshot() ? first.max_txid : first.min_txid;
}

// `by` holds all that `file` holds, in fewer images or within a longer stretch.
bool replaces(const ClosedFile& by, const ClosedFile& file) {
  if (&by == &file) return false;
  if (by.is_base()) return file.last() <= by.last();
  if (file.is_base() || !is_compacted_name(by.name)) return false;
  if (by.last() < file.last()) return false;
  if (start_of(by) > start_of(file)) return false;
  const bool same_stretch = start_of(by) == start_of(file) && by.last() == file.last();
  return !same_stretch || !is_compacted_name(file.name) || by.images.size() < file.images.size();
}

bool is_replaced(const ClosedFile& file, const std::vector<ClosedFile>& files) {
  return std::ranges::any_of(files, [&](const ClosedFile& by) { return replaces(by, file); });
}

// Whether a group of images that are to become one ends with this one.
bool ends_group(const HistoryImage& image, const std::set<Txid>& kept) {
  return image.is_snapshot() || kept.contains(image.max_txid);
}

// What one run of a rewrite would make of its files. Of a long history this is asked each minute,
// so the groups are only counted.
bool worth_rewriting(const std::vector<const ClosedFile*>& run, const std::set<Txid>& kept) {
  if (run.size() >= kManySmallFiles) return true;
  std::size_t before = 0;
  std::size_t after = 0;
  bool open = false;
  for (const ClosedFile* file : run) {
    before += file->images.size();
    for (const HistoryImage& image : file->images) {
      if (!open || image.is_snapshot()) ++after;
      open = !ends_group(image, kept);
    }
  }
  return after * 2 <= before;
}

// The oldest point that fits the cap, if everything before it goes: of the kept ones, no newer than
// the oldest tag allows.
Txid base_for_cap(const std::vector<ClosedFile>& files, const std::set<Txid>& kept,
                  const RetentionPolicy& policy, Txid base) {
  std::uint64_t bytes = total(files);
  for (const ClosedFile& file : files) {
    if (bytes <= policy.size_cap) break;
    const auto next = kept.upper_bound(file.last());
    if (next == kept.end()) break;
    if (!file.is_base()) bytes -= std::min(bytes, file.size);
    base = std::max(base, *next);
  }
  return base;
}

// Where a file ends, so that whole files go; a base in the middle of one would leave a part of it
// that follows on from nothing.
Txid choose_base(const std::vector<ClosedFile>& files, const std::set<Txid>& kept,
                 const RetentionPolicy& policy) {
  if (kept.empty()) return {};
  Txid wanted = *kept.begin();
  std::uint64_t base_size = 0;
  Txid present;
  for (const ClosedFile& file : files) {
    if (!file.is_base()) continue;
    base_size = file.size;
    present = file.last();
  }
  const bool over_cap = policy.size_cap != 0 && total(files) > policy.size_cap;
  if (over_cap) wanted = base_for_cap(files, kept, policy, wanted);
  std::set<Txid> ends;
  for (const ClosedFile& file : files) {
    if (file.images.back().commit != 0) ends.insert(file.last());
  }
  const auto after = ends.upper_bound(wanted);
  if (after == ends.begin()) return {};
  wanted = *std::prev(after);
  if (wanted <= present) return {};
  std::uint64_t freed = 0;
  for (const ClosedFile& file : files) {
    if (!file.is_base() && file.last() <= wanted) freed += file.size;
  }
  const std::uint64_t worth = std::max<std::uint64_t>(base_size, policy.file_size / 64);
  return freed >= (over_cap ? 1 : worth) ? wanted : Txid{};
}

}  // namespace

bool ClosedFile::is_base() const {
  return images.size() == 1 && images.front().is_snapshot() && !name.ends_with(kSegmentSuffix);
}

bool point_lasts(const std::vector<ClosedFile>& files, Txid point) {
  return std::ranges::any_of(files, [&](const ClosedFile& file) {
    return std::ranges::find(file.images, point, &HistoryImage::max_txid) != file.images.end() &&
           !is_replaced(file, files);
  });
}

std::set<Txid> points_to_keep(const std::vector<HistoryImage>& images,
                              const RetentionPolicy& policy, const std::set<Txid>& tagged,
                              std::int64_t now_ms) {
  std::set<Txid> kept;
  std::int64_t bucket = 0;
  bool newest = true;
  for (auto image = images.rbegin(); image != images.rend(); ++image) {
    const std::int64_t age = now_ms - image->timestamp_ms;
    const bool young = age <= policy.every_for_ms;
    const std::int64_t own = bucket_of(*image, policy, now_ms);
    const bool last_of_bucket = own != bucket && age <= policy.hours_for_ms;
    if (newest || young || last_of_bucket || tagged.contains(image->max_txid)) {
      kept.insert(kept.begin(), image->max_txid);  // they descend
    }
    bucket = own;
    newest = false;
  }
  return kept;
}

std::vector<ImageGroup> group_images(const std::vector<HistoryImage>& images,
                                     const std::set<Txid>& kept) {
  std::vector<ImageGroup> groups;
  bool open = false;
  for (const HistoryImage& image : images) {
    if (!open || image.is_snapshot()) groups.emplace_back();
    groups.back().push_back(image);
    open = !ends_group(image, kept);
  }
  return groups;
}

RetentionPlan plan_retention(const std::vector<ClosedFile>& files, const RetentionPolicy& policy,
                             const std::set<Txid>& kept, std::int64_t now_ms) {
  RetentionPlan plan;
  std::vector<const ClosedFile*> run;
  std::uint64_t run_bytes = 0;
  const auto end_run = [&] {
    if (!run.empty() && worth_rewriting(run, kept)) {
      plan.rewrites.emplace_back();
      for (const ClosedFile* file : run) plan.rewrites.back().push_back(file->name);
    }
    run.clear();
    run_bytes = 0;
  };
  std::vector<ClosedFile> present;
  for (const ClosedFile& file : files) {
    if (!is_replaced(file, files)) {
      present.push_back(file);
      continue;
    }
    const bool in_time = std::ranges::any_of(files, [&](const ClosedFile& by) {
      return replaces(by, file) && now_ms - by.modified_ms >= policy.grace_ms;
    });
    if (in_time) plan.removals.push_back(file.name);
  }
  for (const ClosedFile& file : present) {
    if (file.is_base() || (!run.empty() && run_bytes + file.size > policy.file_size)) end_run();
    if (file.is_base()) continue;
    run.push_back(&file);
    run_bytes += file.size;
  }
  end_run();
  // The newest first: what is left after a death half way still follows on from what is before it.
  std::ranges::reverse(plan.removals);
  plan.new_base = choose_base(present, kept, policy);
  return plan;
}

}  // namespace litetool
