#include "core/source/step_walk.h"

#include <algorithm>

#include "core/history/file_images.h"
#include "core/history/history_reader.h"
#include "core/history/layout.h"

namespace litetool {
namespace {

// Steps that are known.
class ListedSteps : public StepWalk {
 public:
  explicit ListedSteps(std::vector<Step> steps) : steps_(std::move(steps)) {}
  Result<std::optional<Step>> next() override {
    if (steps_.empty()) return std::optional<Step>();
    std::optional<Step> step = std::move(steps_.back());
    steps_.pop_back();
    return step;
  }

 private:
  std::vector<Step> steps_;
};

// A folder that a mount writes: files that follow on from one another, and for a while those that
// compaction has replaced, in which the same transactions stand one by one.
class MountedSteps : public StepWalk {
 public:
  MountedSteps(const Job& job, std::string folder) : job_(job), folder_(std::move(folder)) {}

  Status list(Txid newest) {
    LT_ASSIGN(const std::vector<std::string> names, history_files(job_.env, kCwd, folder_));
    // A segment is named after its first image, so what comes after it says where it ends at most.
    Txid next_segment = kLastTxid;
    for (auto name = names.rbegin(); name != names.rend(); ++name) {
      const Txid named = last_txid_of_name(*name);
      const bool is_segment = is_segment_name(*name);
      if (first_txid_of_name(*name) <= newest) {
        closed_.push_back({*name, is_segment ? next_segment : named});
      }
      if (is_segment) next_segment = named;
    }
    std::ranges::stable_sort(closed_, {}, &ClosedFile::last);
    return {};
  }

  Result<std::optional<Step>> next() override {
    for (;;) {
      LT_TRY(job_.check());
      LT_ASSIGN(const auto image, next_image());
      if (!image) return std::optional<Step>();
      // What is within an image that was shown has been merged into it, or it was merged out of it.
      if (image->header.max_txid.value >= limit_) continue;
      const ltx::Header& h = image->header;
      limit_ = h.is_snapshot() ? h.max_txid.value : h.min_txid.value;
      std::optional<Txid> from;
      if (!h.is_snapshot()) from = Txid{h.min_txid.value - 1};
      return std::optional(Step{*image, from, h.timestamp_ms});
    }
  }

 private:
  struct ClosedFile {
    std::string name;
    Txid last;  // no image ends later
  };
  struct OpenFile {
    std::string path;
    FileImages images;
    std::optional<HistoryImage> head;
  };

  Status open_one() {
    const std::string path = folder_ + "/" + closed_.back().name;
    closed_.pop_back();
    auto images = FileImages::open(job_.env, kCwd, path);
    if (!images) return std::move(images).error().with(path);
    OpenFile file{path, *std::move(images), std::nullopt};
    LT_TRY(advance(file));
    if (file.head) open_.push_back(std::move(file));
    return {};
  }

  static Status advance(OpenFile& file) {
    auto head = file.images.next();
    if (!head) return std::move(head).error().with(file.path);
    file.head = *head;
    return {};
  }

  // The one that ends last; of several the narrowest.
  Result<std::optional<ImageRef>> next_image() {
    const auto by_end = [](const OpenFile& file) {
      return std::pair(file.head->max_txid, file.head->min_txid);
    };
    for (;;) {
      const auto best = std::ranges::max_element(open_, {}, by_end);
      const bool none = best == open_.end();
      if (!closed_.empty() && (none || closed_.back().last >= best->head->max_txid)) {
        LT_TRY(open_one());
        continue;
      }
      if (none) return std::optional<ImageRef>();
      const ImageRef image = image_ref(best->path, *best->head);
      LT_TRY(advance(*best));
      if (!best->head) open_.erase(best);
      return std::optional(image);
    }
  }

  const Job job_;
  const std::string folder_;
  std::vector<ClosedFile> closed_;  // the newest at the end
  std::vector<OpenFile> open_;
  std::uint64_t limit_ = kLastTxid.value;
};

}  // namespace

Result<std::unique_ptr<StepWalk>> walk_steps(const Job& job, const SourcePlace& place,
                                             Txid newest) {
  if (place.kind == SourceKind::kLitetool) {
    auto walk = std::make_unique<MountedSteps>(job, place.folders.front());
    LT_TRY(walk->list(newest));
    return std::unique_ptr<StepWalk>(std::move(walk));
  }
  LT_ASSIGN(const auto source, open_source(job, place));
  return std::unique_ptr<StepWalk>(std::make_unique<ListedSteps>(find_steps(source->images())));
}

}  // namespace litetool
