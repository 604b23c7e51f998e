// A rollback journal for a database that is about to be changed in place: the same file SQLite
// would write, so that SQLite (or anything that knows its format) rolls the change back after a
// crash.
//
// Until arm() its first bytes are zero and nobody takes it for hot. After arm() the database may be
// written; remove() makes the change final. See formats/sqlite/journal.h for the layout.
#pragma once

#include <memory>
#include <string>

#include "core/os/env.h"
#include "formats/base/ids.h"

namespace litetool {

class RollbackJournal {
 public:
  // `database`-journal below `dir` for a database that has `initial_pages` pages now. A journal
  // that is there already is replaced: the caller has made sure that it is not hot. `env` outlives
  // this.
  static Result<RollbackJournal> create(Env& env, int dir, const std::string& database,
                                        std::uint32_t page_size, Pgno initial_pages);
  RollbackJournal(RollbackJournal&&) noexcept;
  RollbackJournal& operator=(RollbackJournal&&) = delete;
  // Removes it, unless it is armed.
  ~RollbackJournal();

  std::uint32_t nonce() const { return nonce_; }
  // Appends the record of a page as it is now to `out`; from any thread.
  static void append_record(Buffer& out, std::uint32_t nonce, Pgno pgno, Bytes page);
  // Writes records made by append_record().
  Status write(Bytes records);
  // Header, then all of it on the disk.
  Status arm();
  // The database is as it should be, and on the disk.
  Status remove();
  // Puts the database back as it was, on the disk, and removes the journal.
  Status roll_back(File& database);

 private:
  RollbackJournal(Env& env, int dir, std::string path, std::unique_ptr<File> file,
                  std::uint32_t page_size, Pgno initial_pages, std::uint32_t nonce);

  Env& env_;
  int dir_;
  std::string path_;  // empty once it is gone
  std::unique_ptr<File> file_;
  std::uint32_t page_size_;
  Pgno initial_pages_;
  std::uint32_t nonce_;
  std::uint32_t records_ = 0;
  bool armed_ = false;
};

}  // namespace litetool
