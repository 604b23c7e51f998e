#include "core/source/step_walk.h"

#include <utility>

#include "core/history/image_walk.h"

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

class MountedSteps : public StepWalk {
 public:
  explicit MountedSteps(ImageWalk images) : images_(std::move(images)) {}

  Result<std::optional<Step>> next() override {
    LT_ASSIGN(const auto image, images_.next_step());
    if (!image) return std::optional<Step>();
    std::optional<Txid> from;
    if (!image->is_snapshot()) from = Txid{image->min_txid.value - 1};
    return std::optional(Step{image_ref(images_.path(), *image), from, image->timestamp_ms});
  }

 private:
  ImageWalk images_;
};

}  // namespace

Result<std::unique_ptr<StepWalk>> walk_steps(const Job& job, const SourcePlace& place,
                                             Txid newest) {
  if (place.kind == SourceKind::kLitetool) {
    LT_ASSIGN(ImageWalk images, ImageWalk::open(job, place.folders.front(), newest));
    return std::unique_ptr<StepWalk>(std::make_unique<MountedSteps>(std::move(images)));
  }
  LT_ASSIGN(const auto source, open_source(job, place));
  LT_ASSIGN(std::vector<ImageRef> images, source->images());
  return std::unique_ptr<StepWalk>(std::make_unique<ListedSteps>(find_steps(std::move(images))));
}

}  // namespace litetool
