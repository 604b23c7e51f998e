// The rollback journal of one database, as far as its first bytes tell: whether the transaction in
// it is over, and whether it is still the one that wrote the pages which were noted.
//
// Not thread-safe: the database's capture lock guards it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/os/env.h"
#include "formats/sqlite/journal.h"

namespace litetool {

class JournalWatch {
 public:
  // Nothing is opened yet. `database_path` is relative to `dir`; both outlive the watch.
  JournalWatch(Env& env, int dir, const std::string& database_path)
      : env_(&env), dir_(dir), path_(journal_of(database_path)) {}

  // The journal, kept open; null when there is none.
  const File* file();
  // It may have been replaced: opened again at the next look.
  void forget() { file_.reset(); }
  void moved_to(const std::string& database_path);

  // Its first 28 bytes are zero: the transaction in it is over.
  bool is_zeroed() { return begin().state == JournalState::kFinalised; }
  // A client keeps it open, and works without it.
  bool is_unused();

  // Before the first page of a transaction is noted: it belongs to the journal as it is now.
  void learn_nonce();
  // Whether the pages noted since are committed: their journal is over, or is another
  // transaction's. One that was over before they were written tells nothing.
  bool has_moved_on();

  // Synced in this transaction: so will be its end, which then need not be looked for at each
  // write.
  bool was_synced() const { return synced_; }
  void note_synced() { synced_ = true; }
  void transaction_over() { synced_ = false; }

 private:
  // What it begins with; kForeign where it cannot be read.
  struct Begin {
    JournalState state = JournalState::kForeign;
    std::uint32_t nonce = 0;  // where it is live or not synced yet
  };
  Begin begin();
  static std::string journal_of(const std::string& database_path) {
    return database_path + "-journal";
  }

  Env* env_;
  int dir_;
  std::string path_;
  std::unique_ptr<File> file_;
  std::optional<std::uint32_t> nonce_;  // of the journal of the pages that were noted, if any
  bool synced_ = false;
};

}  // namespace litetool
