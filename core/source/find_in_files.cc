#include "core/source/find_in_files.h"

#include <algorithm>

#include "core/history/file_images.h"
#include "core/history/file_runs.h"

namespace litetool {
namespace {

Moment moment_of(const HistoryImage& image) {
  return {image.max_txid, image.timestamp_ms};
}

// In the files of one history, each of which follows on from the one before it.
class Files {
 public:
  Files(const Job& job, const std::vector<FileRun>& runs) : job_(job), runs_(runs) {}

  // Nothing where there is no such moment.
  Result<std::optional<FoundMoment>> find(const Point& point, const Now& now) const {
    const Txid last = runs_.back().last;
    switch (point.kind) {
      case Point::Kind::kTxid:
        return find_txid(point.txid);
      case Point::Kind::kLatest:
        if (point.back >= last.value) break;
        return find_txid(Txid{last.value - point.back});
      case Point::Kind::kTime:
        if (point.time_ms > now.ms) break;
        return find_time(point.time_ms);
      case Point::Kind::kTag:
        break;
    }
    return std::optional<FoundMoment>();
  }

  // The first moment and the last one.
  Result<std::vector<Moment>> ends() const {
    const Moment first{runs_.front().first, runs_.front().first_time_ms};
    const Txid last = runs_.back().last;
    if (last == first.txid) return std::vector<Moment>{first};
    LT_ASSIGN(const auto found, find_txid(last));
    if (!found) return std::vector<Moment>{first};
    return std::vector<Moment>{first, found->moment};
  }

 private:
  Result<std::optional<FoundMoment>> find_txid(Txid txid) const {
    const auto run = std::ranges::lower_bound(runs_, txid, {}, &FileRun::last);
    if (run == runs_.end() || txid < run->first) return std::optional<FoundMoment>();
    LT_ASSIGN(auto found,
              search(run, [&](const HistoryImage& image) { return image.max_txid <= txid; }));
    if (found && found->moment.txid != txid) found.reset();
    return found;
  }

  // Times never go back from one image to the next.
  Result<std::optional<FoundMoment>> find_time(std::int64_t time_ms) const {
    const auto later = std::ranges::upper_bound(runs_, time_ms, {}, &FileRun::first_time_ms);
    if (later == runs_.begin()) return std::optional<FoundMoment>();
    return search(std::prev(later),
                  [&](const HistoryImage& image) { return image.timestamp_ms <= time_ms; });
  }

  using Run = std::vector<FileRun>::const_iterator;

  // From the end of the file back to the first image that `is_meant`.
  template <typename IsMeant>
  Result<std::optional<FoundMoment>> search(Run run, IsMeant is_meant) const {
    LT_ASSIGN(FileImages images, FileImages::open(job_.env, kCwd, run->path));
    std::optional<Moment> next;
    if (std::next(run) != runs_.end()) {
      next = Moment{std::next(run)->first, std::next(run)->first_time_ms};
    }
    for (;;) {
      LT_TRY(job_.check());
      LT_ASSIGN(const auto image, images.next());
      if (!image) return std::optional<FoundMoment>();
      if (is_meant(*image)) return std::optional(FoundMoment{moment_of(*image), next});
      next = moment_of(*image);
    }
  }

  const Job& job_;
  const std::vector<FileRun>& runs_;
};

}  // namespace

Result<std::optional<FoundMoment>> find_in_files(const Job& job, const std::string& folder,
                                                 const Point& point, const Now& now) {
  LT_ASSIGN(const auto runs, find_file_runs(job.env, kCwd, folder));
  if (!runs || runs->empty()) return std::optional<FoundMoment>();
  const Files files(job, *runs);
  LT_ASSIGN(const auto found, files.find(point, now));
  const auto has_gap = [](const FileRun& run) { return !run.is_every() || run.begins_with_range; };
  if (found || std::ranges::any_of(*runs, has_gap)) return found;
  // Without gaps there is nothing before the first and behind the last: so they say what is wrong.
  LT_ASSIGN(const std::vector<Moment> ends, files.ends());
  LT_TRY(resolve_point(point, ends, now));
  return found;
}

}  // namespace litetool
