#include "core/history/chain_back.h"

namespace litetool {

bool ChainBack::takes(const HistoryImage& image) {
  if (image.max_txid != wanted_) return false;
  if (taken_ && image.post_apply != taken_->pre_apply) return false;
  taken_ = image;
  is_complete_ = image.is_snapshot();
  wanted_ = Txid{image.min_txid.value - 1};
  return true;
}

Error ChainBack::gap() const {
  if (!taken_) {
    return Error(Errc::kNotFound, "transaction " + wanted_.text() + " is not in the history");
  }
  return Error(Errc::kBrokenChain, "chain breaks before " + taken_->min_txid.text() +
                                       ": no image ends at " + wanted_.text() + " with checksum " +
                                       taken_->pre_apply.text());
}

}  // namespace litetool
