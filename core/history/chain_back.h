// Which images of a history lead to a state: from the one that ends there back to a snapshot, each
// following on from the next older one by TXIDs and checksums.
#pragma once

#include <optional>

#include "core/history/history_image.h"
#include "formats/base/result.h"

namespace litetool {

class ChainBack {
 public:
  explicit ChainBack(Txid txid) : wanted_(txid) {}

  // To be asked about image after image, the one that ends last first, of several the narrowest:
  // that is the one to take.
  bool takes(const HistoryImage& image);
  // The snapshot has been taken.
  bool is_complete() const { return is_complete_; }
  // No image as old as this one, or older, can be the next.
  bool is_behind(const HistoryImage& image) const { return image.max_txid < wanted_; }
  // What is wrong where images end and it is not complete: kNotFound where none ends at the TXID,
  // else kBrokenChain.
  Error gap() const;

 private:
  Txid wanted_;  // where the next image ends
  std::optional<HistoryImage> taken_;
  bool is_complete_ = false;
};

}  // namespace litetool
