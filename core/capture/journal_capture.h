// Which pages a rollback-journal transaction may have changed, where the writes themselves were not
// seen.
//
// The journal names the pages that SQLite wanted to be able to restore. That is less than what it
// changed: a leaf of the freelist has no content worth restoring and is taken back into use without
// a record. But taking one always changes, hence journals, the trunk page that lists it. So the
// pages are: page 1, all pages with a record, all pages past the old end, and every leaf that the
// old image of a journaled trunk lists.
//
// That is the truth only if nothing else was committed before it since the last capture. PERSIST
// without syncs commits in silence; the old image of page 1, which every commit changes, shows it.
#pragma once

#include <optional>
#include <vector>

#include "core/capture/page_checksums.h"
#include "formats/base/byte_source.h"
#include "formats/base/ids.h"
#include "formats/base/result.h"

namespace litetool {

struct JournalCandidates {
  // Ascending; nothing when the journal cannot tell, so that all pages have to be compared.
  std::optional<std::vector<Pgno>> pages;
  // Its transaction began with another page 1 than the known one: commits went unnoticed.
  bool follows_unseen = false;
};

// `database` is the file as it is now, of `commit` pages; `known` as it was captured last.
Result<JournalCandidates> pages_behind_journal(const ByteSource& journal,
                                               const ByteSource& database, std::uint32_t page_size,
                                               const PageChecksums& known, Pgno commit);

}  // namespace litetool
