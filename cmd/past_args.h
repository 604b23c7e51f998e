// The past of a database, as commands name it: a source and a point.
#pragma once

#include <memory>
#include <string>

#include "cmd/command.h"
#include "core/past/live_copy.h"
#include "core/past/past_database.h"
#include "core/source/history_source.h"

namespace litetool {

// A history to read from.
struct NamedSource {
  SourcePlace place;
  std::unique_ptr<HistorySource> source;
};
// kUnsupported for a replica of Litestream 0.3, which has no transactions.
Result<NamedSource> open_named_source(Context& context, const std::string& path, unsigned threads);

// A state of it.
struct NamedPast {
  Moment moment;
  std::unique_ptr<PastDatabase> pages;
};
// The state at the point that is written; its page_count() is 0 where the database had been
// removed.
Result<NamedPast> open_named_past(Context& context, const NamedSource& named,
                                  const std::string& point);

// The database of a history of litetool's own as it is now, for a StepReader; null where it cannot
// be had quickly.
std::shared_ptr<LiveCopy> live_copy(Context& context, const std::string& path,
                                    const SourcePlace& place);

// The directory for files that only a run of the program needs: $TMPDIR or /tmp.
std::string temp_directory();

// "transaction 0000000000000029 of 2026-11-20T11:30:00.000+01:00"
std::string moment_text(const Moment& moment);

}  // namespace litetool
