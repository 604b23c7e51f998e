// A history, whoever keeps it: litetool, LiteFS, Litestream, or somebody with a folder of LTX
// files.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/os/job.h"
#include "core/source/find_source.h"
#include "core/source/image_chain.h"
#include "core/source/point.h"

namespace litetool {

struct FoundMoment {
  Moment moment;
  std::optional<Moment> next{};  // the one behind it; nothing for the newest
  // Of images made later none may lead there: a snapshot that Litestream 0.5.8 takes may hold more
  // than the transactions that it names.
  std::optional<std::int64_t> made_by_ms{};
};

class HistorySource {
 public:
  virtual ~HistorySource() = default;

  // The moment that is meant, as of resolve_tag() and resolve_point(). kBrokenChain when it is the
  // last one before a hole and the point did not ask for just that transaction.
  Result<FoundMoment> find(const Point& point, const Now& now) const;
  // The last moment; errors as of find().
  Result<FoundMoment> latest() const;

  // What can be restored, ascending by TXID: 16 bytes of memory for each.
  virtual Result<std::vector<Moment>> moments() const = 0;
  // Transactions after the last moment that cannot be had, and why.
  virtual std::optional<Error> hole() const { return std::nullopt; }

  // The names that points of it have.
  virtual Result<std::vector<Tag>> tags() const { return std::vector<Tag>(); }

  // All there are, in no particular order: 300 bytes of memory for each.
  virtual Result<std::vector<ImageRef>> images() const = 0;

  // The images that make the database at a moment. kNotFound when none lead there, kBrokenChain
  // where it is known already that they do not fit together, kCorrupt when they cannot have as many
  // pages as they claim; see ChainWalk too.
  Result<std::shared_ptr<const ImageChain>> chain_to(const FoundMoment& goal) const;

 private:
  virtual Result<std::shared_ptr<const ImageChain>> find_chain(const FoundMoment& goal) const = 0;
  // The same as find(), where it can be told without a list of all moments. Not for tags.
  virtual Result<std::optional<FoundMoment>> find_quickly(const Point& point, const Now& now) const;
};

// kNotFound for a place without any LTX file, kUnsupported for a replica of Litestream 0.3 (see
// litestream_v3.h). Of foreign histories the ends of all files are read now, of litetool's own
// nothing until it is asked for.
Result<std::unique_ptr<HistorySource>> open_source(const Job& job, const SourcePlace& place);

}  // namespace litetool
