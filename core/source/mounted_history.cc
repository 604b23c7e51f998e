#include "core/source/mounted_history.h"

#include <algorithm>
#include <utility>

#include "core/history/image_walk.h"
#include "core/source/find_in_files.h"

namespace litetool {
namespace {

class MountedHistory : public HistorySource {
 public:
  MountedHistory(const Job& job, std::string folder) : job_(job), folder_(std::move(folder)) {}

  Result<std::vector<Tag>> tags() const override { return read_tags(job_.env, kCwd, folder_); }

  Result<std::vector<Moment>> moments() const override {
    std::vector<Moment> moments;
    LT_ASSIGN(ImageWalk walk, ImageWalk::open(job_, folder_));
    for (;;) {
      LT_ASSIGN(const auto image, walk.next());
      if (!image) break;
      const Moment moment{image->max_txid, image->timestamp_ms};
      if (!moments.empty() && moments.back().txid == moment.txid) moments.pop_back();
      moments.push_back(moment);
    }
    std::ranges::reverse(moments);
    return moments;
  }

  Result<std::vector<ImageRef>> images() const override {
    std::vector<ImageRef> images;
    LT_ASSIGN(ImageWalk walk, ImageWalk::open(job_, folder_));
    for (;;) {
      LT_ASSIGN(const auto image, walk.next());
      if (!image) return images;
      images.push_back(image_ref(walk.path(), *image));
    }
  }

 private:
  Result<std::shared_ptr<const ImageChain>> find_chain(const FoundMoment& goal) const override {
    return chain_in_folder(job_, folder_, goal.moment.txid);
  }

  Result<std::optional<FoundMoment>> find_quickly(const Point& point,
                                                  const Now& now) const override {
    LT_ASSIGN(const auto found, find_in_files(job_, folder_, point, now));
    if (found || (point.kind == Point::Kind::kTime && point.time_ms > now.ms)) return found;
    return find_on_the_way_back(point);
  }

  // Where files overlap, as while compaction has replaced some: the first one that is meant.
  Result<std::optional<FoundMoment>> find_on_the_way_back(const Point& point) const {
    LT_ASSIGN(ImageWalk walk, ImageWalk::open(job_, folder_));
    std::optional<Txid> newest;
    FoundMoment found;
    for (;;) {
      LT_ASSIGN(const auto image, walk.next());
      if (!image) return std::optional<FoundMoment>();
      if (!newest) newest = image->max_txid;
      if (image->max_txid == found.moment.txid) continue;
      if (found.moment.txid.value != 0) found.next = found.moment;
      found.moment = {image->max_txid, image->timestamp_ms};
      if (is_meant(point, *newest, found.moment)) return std::optional(found);
    }
  }

  static bool is_meant(const Point& point, Txid newest, const Moment& moment) {
    switch (point.kind) {
      case Point::Kind::kLatest:
        return moment.txid.value + point.back == newest.value;
      case Point::Kind::kTxid:
        return moment.txid == point.txid;
      case Point::Kind::kTime:
        return moment.time_ms != 0 && moment.time_ms <= point.time_ms;
      case Point::Kind::kTag:
        break;
    }
    return false;
  }

  const Job job_;
  const std::string folder_;
};

}  // namespace

Result<std::unique_ptr<HistorySource>> open_mounted_history(const Job& job,
                                                            const std::string& folder) {
  LT_TRY(job.env.stat(kCwd, folder));
  return std::unique_ptr<HistorySource>(std::make_unique<MountedHistory>(job, folder));
}

}  // namespace litetool
