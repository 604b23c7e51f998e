// The images that make a database as it was at a moment: from the one that leads there back to a
// snapshot.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/ltx/image_ref.h"
#include "core/os/job.h"

namespace litetool {

// One way through a chain.
class ChainWalk {
 public:
  virtual ~ChainWalk() = default;
  // The next older image; nothing behind the snapshot. kBrokenChain where the next one is missing,
  // kCorrupt where a file cannot be walked.
  virtual Result<std::optional<ImageRef>> next() = 0;
};

class ImageChain {
 public:
  virtual ~ImageChain() = default;

  // The image that leads to the moment.
  const ImageRef& last() const { return last_; }
  // Begins with last(). While a mount compacts the history, ways may go over other images, but not
  // to other states.
  virtual Result<std::unique_ptr<ChainWalk>> walk() const = 0;

 protected:
  explicit ImageChain(ImageRef last) : last_(std::move(last)) {}

 private:
  const ImageRef last_;
};

// Of images that are known: oldest first, at least one.
std::shared_ptr<const ImageChain> make_chain(std::vector<ImageRef> images);

// Of the history in a folder that a mount writes; a file of it is read when it is reached.
// kNotFound when no image leads to the transaction.
Result<std::shared_ptr<const ImageChain>> chain_in_folder(const Job& job, const std::string& folder,
                                                          Txid txid);

// The images of the chain that are newer than `since`, oldest first. 300 bytes of memory for each.
Result<std::vector<ImageRef>> list_chain(const ImageChain& chain, Txid since = Txid{0});

// That it leads back to a snapshot, with the errors of its walk.
Status check_chain(const ImageChain& chain);

// That its images are large enough for the pages that the last one claims: kCorrupt. Walks only
// where the claim is large.
Status check_commit(const ImageChain& chain);

}  // namespace litetool
