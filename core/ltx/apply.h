// LTX files onto a database, or into a new one: all or nothing.
#pragma once

#include <string>
#include <vector>

#include "core/ltx/image_ref.h"
#include "core/os/job.h"

namespace litetool {

struct ApplyOptions {
  bool replace = false;            // an existing database by a snapshot
  bool dry_run = false;            // verify and report, change nothing
  bool trust_base = false;         // files without database checksums onto an existing database
  std::int64_t timeout_ms = 5000;  // how long to wait for others to leave the database
};

struct ApplyReport {
  bool created = false;                  // a new file, or a new one in the place of an old one
  std::uint64_t images = 0;              // applied
  std::uint64_t images_passed_over = 0;  // their transactions are in others
  std::uint32_t page_size = 0;
  Pgno pages_before = 0;
  Pgno pages_after = 0;
  std::uint64_t pages_written = 0;
  Txid txid;        // after
  Checksum before;  // database checksums
  Checksum after;
};

// Applies `images` (in any order; overlapping ones as levels of compaction have them) to
// `database`.
//
// Everything is verified before the database is touched: each image to its end, that they follow on
// from each other, that the database stands where the first one starts, and every position after.
// An existing database is changed in place below SQLite's exclusive lock and a rollback journal; a
// snapshot is written aside and renamed. A crash at any moment leaves the old or the new state, or
// the old one behind a hot journal that SQLite rolls back.
//
// Errors: kBrokenChain (gap, wrong position), kExists (snapshot onto a database without `replace`),
// kNotFound (no database and no snapshot), kTimeout (in use), kFailed (hot journal or log frames
// beside the database, with what to do), kUsage (no checksums and no `trust_base`).
Result<ApplyReport> apply_images(const Job& job, std::vector<ImageRef> images,
                                 const std::string& database, const ApplyOptions& options);

// The images that lead from the first transaction to the last with the fewest files: of those that
// follow on, the one that reaches farthest. kBrokenChain at a gap. `images` oldest first.
Result<std::vector<ImageRef>> choose_chain(const std::vector<ImageRef>& images);

}  // namespace litetool
