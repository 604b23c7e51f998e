// A history, whoever keeps it: litetool, LiteFS, Litestream, or somebody with a folder of LTX
// files.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/history/history_image.h"
#include "core/ltx/image_ref.h"
#include "core/os/job.h"
#include "core/source/find_source.h"
#include "core/source/point.h"

namespace litetool {

class HistorySource {
 public:
  virtual ~HistorySource() = default;

  // What can be restored, ascending by TXID.
  const std::vector<Moment>& moments() const { return moments_; }
  // Transactions after the last moment that cannot be had, and why.
  const std::optional<Error>& hole() const { return hole_; }

  // The names that points of it have.
  virtual Result<std::vector<Tag>> tags() const { return std::vector<Tag>(); }

  // All there are, in no particular order.
  virtual std::vector<ImageRef> images() const = 0;

  // The images that make the database at a moment: a snapshot, then what follows on from it, oldest
  // first. kBrokenChain where they do not fit together.
  virtual Result<std::vector<ImageRef>> chain_to(Txid txid) const = 0;

 protected:
  std::vector<Moment> moments_;
  std::optional<Error> hole_;
};

// An image of a history that a mount writes, in the file of this path.
ImageRef image_ref(const std::string& path, const HistoryImage& image);

// Reads what there is, but no pages. kNotFound for a place without any LTX file,
// kUnsupported for a replica of Litestream 0.3 (see litestream_v3.h).
Result<std::unique_ptr<HistorySource>> open_source(const Job& job, const SourcePlace& place);

// The moment of the source that is meant. kBrokenChain when it is the last one before a hole and
// the point did not ask for just that transaction.
Result<Moment> resolve_in(const HistorySource& source, const Point& point, const Now& now);

}  // namespace litetool
