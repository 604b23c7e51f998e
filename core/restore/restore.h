// Rebuilding a database as it was at a transaction of its history.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/os/job.h"
#include "core/source/history_source.h"
#include "core/source/newest_pages.h"

namespace litetool {

// From which images a state is made.
struct RestorePlan {
  Moment moment;
  std::shared_ptr<const ImageChain> chain;

  std::uint32_t page_size() const { return chain->last().header.page_size; }
  Pgno commit() const { return chain->last().header.commit; }
  std::uint64_t size_bytes() const { return std::uint64_t{page_size()} * commit(); }
};

// kNotFound where the database had been removed at that moment; kBrokenChain where files are
// missing.
Result<RestorePlan> plan_restore(const HistorySource& source, const FoundMoment& found);

// What SQLite is asked about the result before it appears.
enum class RestoreCheck : std::uint8_t { kNone, kQuick, kFull };

struct RestoreOptions {
  RestoreCheck check = RestoreCheck::kQuick;
  bool replace = false;  // an existing output file
};

// `output` appears with what `fill` writes, checked, or not at all. kExists when it is there and
// may not be replaced; kFailed when a journal or a log of an earlier database stands beside it.
Status write_restored(Env& env, const std::string& output, const RestoreOptions& options,
                      const std::function<Status(File&)>& fill);

// Writes the database to `output`, which appears complete, verified against the checksums of the
// history and checked, or not at all; errors as of write_restored() and read_newest_pages(), which
// says what progress counts.
Result<NewestPages> restore_database(const Job& job, const RestorePlan& plan,
                                     const std::string& output, const RestoreOptions& options);

}  // namespace litetool
