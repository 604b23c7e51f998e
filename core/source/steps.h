// How a history goes from one state to the next: what a log shows, and what can be restored.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/ltx/image_ref.h"

namespace litetool {

struct Step {
  ImageRef image;  // its last TXID is the state that the step leads to
  // The state that the image changes, so that both can be had; nothing for a snapshot that follows
  // on from none.
  std::optional<Txid> from;
  // When that state came, as of its Moment; of the image alone where no others lead to it.
  std::int64_t time_ms = 0;

  Txid txid() const { return image.header.max_txid; }
  // More than one transaction, or nobody knows how many.
  bool is_range() const { return !from || from->value + 1 != txid().value; }
};

// The steps to every state that can be had, oldest first: of several images that lead to the same
// state the one of the fewest transactions, a snapshot only where no other does. `images` in any
// order, from several levels of compaction perhaps.
std::vector<Step> find_steps(std::vector<ImageRef> images);

// kBrokenChain where there are images that end after the last step, up to `newest_image`: what
// they were to follow on from is missing.
std::optional<Error> hole_behind(std::span<const Step> steps, Txid newest_image);

}  // namespace litetool
