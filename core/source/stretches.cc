#include "core/source/stretches.h"

#include <algorithm>

#include "core/history/file_images.h"
#include "core/history/file_runs.h"

namespace litetool {
namespace {

Moment moment_of(const Step& step) {
  return {step.txid(), step.time_ms};
}

Grain grain_of(const Step& step) {
  if (!step.from) return Grain::kSnapshots;
  return step.is_range() ? Grain::kRanges : Grain::kEvery;
}

// `count` points more, of which the last one is `moment`.
void add(std::vector<Stretch>& stretches, Grain grain, const Moment& moment, std::uint64_t count) {
  Stretch* const last = stretches.empty() ? nullptr : &stretches.back();
  if (last == nullptr || (grain == Grain::kSnapshots && last->grain != grain)) {
    stretches.push_back({Grain::kSnapshots, moment, moment, count});
  } else if (last->grain == grain) {
    last->last = moment;
    last->points += count;
  } else if (last->points == 1) {
    // A snapshot from which others lead on.
    *last = {grain, last->first, moment, 1 + count};
  } else {
    stretches.push_back({grain, last->last, moment, 1 + count});
  }
}

Result<Moment> last_moment(const Job& job, const FileRun& run) {
  LT_ASSIGN(FileImages images, FileImages::open(job.env, kCwd, run.path));
  LT_ASSIGN(const auto last, images.next());
  return Moment{run.last, last ? last->timestamp_ms : 0};
}

// Of a file that has to be walked through, because ranges are in it.
Status add_images(const Job& job, const FileRun& run, std::vector<Stretch>& stretches) {
  LT_ASSIGN(FileImages file, FileImages::open(job.env, kCwd, run.path));
  std::vector<HistoryImage> images;
  for (;;) {
    LT_TRY(job.check());
    LT_ASSIGN(const auto image, file.next());
    if (!image) break;
    images.push_back(*image);
  }
  std::ranges::reverse(images);
  for (const HistoryImage& image : images) {
    const bool is_one = image.is_snapshot() || image.min_txid == image.max_txid;
    const Grain after = is_one ? Grain::kEvery : Grain::kRanges;
    add(stretches, stretches.empty() ? Grain::kSnapshots : after,
        {image.max_txid, image.timestamp_ms}, 1);
  }
  return {};
}

}  // namespace

const char* grain_text(Grain grain) {
  switch (grain) {
    case Grain::kEvery:
      return "every transaction";
    case Grain::kRanges:
      return "ranges";
    case Grain::kSnapshots:
      break;
  }
  return "snapshots";
}

std::vector<Stretch> find_stretches(std::span<const Step> steps) {
  std::vector<Stretch> stretches;
  for (const Step& step : steps) add(stretches, grain_of(step), moment_of(step), 1);
  return stretches;
}

Result<std::optional<std::vector<Stretch>>> stretches_of_files(const Job& job,
                                                               const std::string& folder) {
  using Stretches = std::optional<std::vector<Stretch>>;
  LT_ASSIGN(const auto runs, find_file_runs(job.env, kCwd, folder));
  if (!runs) return Stretches();
  std::vector<Stretch> stretches;
  for (const FileRun& run : *runs) {
    LT_TRY(job.check());
    if (!run.is_every()) {
      LT_TRY(add_images(job, run, stretches));
      continue;
    }
    const Grain first = stretches.empty()       ? Grain::kSnapshots
                        : run.begins_with_range ? Grain::kRanges
                                                : Grain::kEvery;
    add(stretches, first, {run.first, run.first_time_ms}, 1);
    if (run.images == 1) continue;
    LT_ASSIGN(const Moment last, last_moment(job, run));
    add(stretches, Grain::kEvery, last, run.images - 1);
  }
  return Stretches(std::move(stretches));
}

}  // namespace litetool
