// The pass over a database and the images to be applied to it, range of pages by range of pages:
// verifies every image to its end, steps the database checksum through every position, and finds
// the pages that change. The database is read once, whatever the number of images.
#pragma once

#include <functional>
#include <vector>

#include "core/ltx/chain_check.h"
#include "core/ltx/frame_merge.h"

namespace litetool {

// What the caller wants to know about the pages that change.
struct ScanTarget {
  const File* database = nullptr;  // null: there is none yet
  Pgno file_pages = 0;             // in its file, at least the chain's base_pages
  bool keep_pages = false;         // yield the new pages themselves
  bool keep_records = false;       // yield journal records of the old ones
  std::uint32_t nonce = 0;         // for those
};

// What changes in one range of pages.
struct PageChanges {
  MergedFrames merged;
  std::vector<Pgno> pgnos;  // pages whose new bytes differ from the old ones, ascending
  Buffer pages;             // keep_pages: those pages, one after another
  Buffer records;           // keep_records: journal records of all that is overwritten or cut off
  Checksum sum = kEmptyDatabase;  // of the new pages
  ChainCheck::Sums sums;

  // Working memory of the pass.
  Buffer old;
  Buffer page;
  std::vector<ChainCheck::Version> versions;
};

// Runs the pass; `take` is called for the ranges in order, and every image is verified before this
// returns success. The verdict on the chain is left to check.verify().
Status scan_changes(const Job& job, ChainCheck& check, const ScanTarget& target,
                    const std::function<Status(PageChanges&)>& take);

// A second pass for the pages in `changed` (one bit a page, by page number) alone: their newest
// versions, with `pgnos`, `pages` and `sum` set. The images are not verified again.
Status read_changes(const Job& job, const std::vector<ImageRef>& images,
                    const std::vector<bool>& changed,
                    const std::function<Status(PageChanges&)>& take);

}  // namespace litetool
