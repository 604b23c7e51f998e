// What happened to one database, written outside the mount: one line per event, in order, because
// only the holder of the database's turn writes.
//
//   begin NOTE                  a transaction may commit from now on
//   state PAGE_SIZE DIGEST AT N NOTE   the database now; its N page CRCs stand at AT in the pages
//   file free NOTE                   from here to the next state anything that SQLite allows
//
// "begin" without a "state" behind it: the client died, or was told of an error, in between.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "soak/state.h"

namespace litetool::soak {

// The turn of a database: whoever holds it is the only one to touch the database. It goes with the
// process that dies.
class Turn {
 public:
  // `stem` is the path of the ledger without its ending; waits.
  explicit Turn(const std::string& stem);
  ~Turn();
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  int fd_;
};

// Held shared for as long as a client has the database open, so that files are replaced only when
// nobody has.
class Presence {
 public:
  explicit Presence(const std::string& stem);
  ~Presence();
  Presence(const Presence&) = delete;
  Presence& operator=(const Presence&) = delete;
  // False when another client is there; then it is shared no longer either: call share().
  bool alone();
  void share();

 private:
  int fd_;
};

class Ledger {
 public:
  explicit Ledger(const std::string& stem);
  ~Ledger();
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  void begin(const std::string& note);
  void free(const std::string& note);
  void state(const State& state, const std::string& note);
  // The last writer left in the middle of something.
  bool interrupted() const;

 private:
  void line(const std::string& text);

  std::string stem_;
  int log_;
  int pages_;
};

struct Event {
  enum class Kind { kBegin, kState, kFree };
  Kind kind = Kind::kBegin;
  std::string note;
  State state;
};
// All events; throws std::runtime_error on a file that is no ledger.
std::vector<Event> read_ledger(const std::string& stem);

}  // namespace litetool::soak
