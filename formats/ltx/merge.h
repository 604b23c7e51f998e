// The rules by which a run of LTX files becomes one: which runs may be merged, and the merged
// header.
//
// The merged file has the pre-apply checksum and min TXID of the first input, the post-apply
// checksum, commit, max TXID and timestamp of the last, and neither WAL fields nor node id. Of each
// page the newest version wins; pages beyond the final commit are dropped.
#pragma once

#include <optional>
#include <string>

#include "formats/ltx/header.h"

namespace litetool::ltx {

struct MergeInput {
  std::string name;  // for messages
  Header header;
  Trailer trailer;
};

struct MergeRules {
  Variant variant = Variant::kV3Block;  // of the output; a writable one
  // Accept inputs that leave TXIDs out. Such a file cannot be proven to hold every page.
  bool allow_gaps = false;
  // Accept inputs that overlap (next.min <= previous.max + 1 and next.max > previous.max), as
  // levels of compaction do.
  bool allow_overlaps = false;
  // Require previous.post_apply = next.pre_apply where both have checksums and adjoin.
  bool check_links = true;
  // Write no database checksums, whatever the inputs have. Without this, inputs with and without
  // checksums may not be mixed.
  bool drop_checksums = false;
};

struct MergePlan {
  Header header;        // of the output
  Checksum post_apply;  // of the output
};

// Takes the inputs one by one, and keeps two of them.
class MergePlanner {
 public:
  explicit MergePlanner(const MergeRules& rules) : rules_(rules) {}

  // In TXID order. kBrokenChain, naming both files, for what does not follow on from the one
  // before; kUnsupported for a change of page size.
  Status add(MergeInput input);
  // kUsage for no inputs or a variant that is only read; kUnsupported for mixed checksums.
  Result<MergePlan> finish() const;

 private:
  Status check_pair(const MergeInput& a, const MergeInput& b) const;

  const MergeRules rules_;
  std::optional<Header> first_;
  std::optional<MergeInput> last_;
  bool any_with_checksums_ = false;
  bool any_without_ = false;
};

}  // namespace litetool::ltx
