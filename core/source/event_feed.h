// The transactions of all databases of a directory as they come: what is in the histories, and what
// is added to them later.
//
// It looks at the history folders; no daemon needs to run. What compaction has merged comes as one
// event for the whole range.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/history/history_image.h"
#include "core/os/env.h"
#include "core/os/job.h"
#include "core/source/point.h"

namespace litetool {

struct TransactionEvent {
  std::string database;  // path relative to the directory
  HistoryImage image;
  std::string why;  // it is not one of SQLite's own; empty otherwise
};

class EventFeed {
 public:
  // The histories in `history` (absolute: DIR/.litetool), of one database or of all. Begins after
  // the given point of each database; at its first transaction where there is none. For databases
  // that turn up later everything is new.
  EventFeed(const Job& job, std::string history, std::optional<std::string> database,
            std::optional<Point> since);

  // What has come since the last call, by time; within a database by TXID. Reads no more of a
  // history than that.
  Result<std::vector<TransactionEvent>> poll();
  // Databases whose history could not be read in the last call, and why. They are tried again.
  const std::map<std::string, Error>& unreadable() const { return unreadable_; }

 private:
  // Of one history folder; it keeps its inode when the database is renamed.
  struct Seen {
    Txid last;
    std::string files;  // names and sizes when it was read
  };

  Status look_at(const std::string& folder, std::vector<TransactionEvent>& events);
  bool is_lost(const Status& looked, const std::string& folder) const;
  Result<std::string> files_in(const std::string& path) const;
  Result<Point> beginning_of(const std::string& path) const;

  Job job_;
  Env& env_;
  std::string folders_;  // of the histories
  std::optional<std::string> only_;
  std::optional<Point> since_;
  bool first_ = true;
  std::set<std::string> unseen_;  // there at the first look, and could not be read yet
  std::map<ino_t, Seen> seen_;
  std::map<std::string, Error> unreadable_;
};

}  // namespace litetool
