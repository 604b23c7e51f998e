// The checksum audit: does a database hold what its history says, or what another copy holds?
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/audit/page_sums.h"
#include "core/os/job.h"
#include "core/source/history_source.h"

namespace litetool {

// What is audited: a database file, or a state of a history.
struct AuditInput {
  std::string path;                 // as it was given
  bool is_database = false;         // the file at `path`; else:
  SourcePlace place{};              // whose history
  std::optional<FoundMoment> at{};  // which state; empty is the last one
};

struct AuditSide {
  std::string path;
  bool is_database = false;
  // Of a history: the state. Of a database that was held against its own history: where that has
  // this state; nothing where it has not.
  std::optional<Moment> moment{};
  std::uint32_t page_size = 0;  // bytes; 0 for an empty database
  Pgno page_count = 0;
  Checksum checksum = kEmptyDatabase;  // as in LTX
  std::optional<Digest> digest{};      // of a database, where it was asked for
};

struct DifferingPage {
  Pgno pgno = 0;
  Checksum left;  // absent where that side has no such page
  Checksum right;
  std::string owner{};           // table or index; empty where nobody knows
  std::optional<Txid> writer{};  // the last transaction that wrote it, where there is a history
};

struct AuditReport {
  AuditSide left;
  std::optional<AuditSide> right{};
  std::vector<DifferingPage> pages{};  // ascending
  bool page_size_differs = false;      // then there are no pages to compare
  // Pages that were written while they were looked at, so that they tell nothing; only where the
  // rest of the database differs, or where no state of the history could be met.
  std::uint64_t unsettled = 0;

  bool agrees() const { return pages.empty() && !page_size_differs && unsettled == 0; }
};

struct AuditOptions {
  bool digest = false;
  std::int64_t timeout_ms = 5000;  // how long to wait for writers of a database
  // How long a history may be behind the database: more than 0 where a daemon captures it.
  std::int64_t lag_ms = 0;
  std::string temp_dir = "/tmp";  // for images without a page index
};

// A database against its own history. Others may go on using the database: what is read is one
// state, and it agrees when the history has it, not before where it ended at the beginning.
// Errors as of DatabaseImage::open() and of reading the history.
Result<AuditReport> audit_database(const Job& job, const std::string& path,
                                   const SourcePlace& history, const AuditOptions& options);

// One state of a history by itself: every page is there and they add up to its checksum.
Result<AuditReport> audit_history(const Job& job, const AuditInput& input);

// Two copies against each other.
Result<AuditReport> audit_copies(const Job& job, const AuditInput& left, const AuditInput& right,
                                 const AuditOptions& options);

}  // namespace litetool
