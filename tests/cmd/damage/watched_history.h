// A directory with a database and its history, as capture wrote it, and all its states: something
// to be damaged.
#pragma once

#include <string>
#include <vector>

#include "formats/base/bytes.h"
#include "formats/base/ids.h"
#include "tests/support/temp_dir.h"

namespace litetool::test {

class WatchedHistory {
 public:
  enum class End {
    kLog,   // the last transactions stand in the -wal only
    kFile,  // in the database file, which is in rollback mode
  };
  static constexpr std::uint32_t kPageSize = 512;

  // Pages of every kind. The files are those of a clean stop.
  explicit WatchedHistory(End end);

  std::string directory() const { return temp_.file("data"); }
  std::string database() const { return temp_.file("data/app.db"); }
  std::string folder() const;  // of the history
  std::string aside(const std::string& name) const { return temp_.file(name); }

  // states()[i] is the one after transaction i + 1.
  const std::vector<Buffer>& states() const { return states_; }
  const Buffer& last() const { return states_.back(); }
  Txid last_txid() const { return Txid{states_.size()}; }

  // The transaction that last changed a page of the last state.
  Txid writer_of(Pgno pgno) const;
  // The pages that differ between a state and the last one.
  std::vector<Pgno> difference(const Buffer& state) const;

 private:
  void work();
  void capture();

  TempDir temp_{memory_directory()};
  std::vector<Buffer> states_;
};

// A page of those bytes; empty where there is none.
Bytes page_of(const Buffer& state, Pgno pgno);

}  // namespace litetool::test
