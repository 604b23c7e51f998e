// Random transactions on a database that is taken in turns.
#pragma once

#include "soak/place.h"
#include "soak/session.h"

namespace litetool::soak {

class Workload {
 public:
  Workload(const Place& place, Chance& chance) : place_(place), chance_(chance) {}

  // One turn, the turn held by the caller: some transactions.
  void turn(Session& session);
  // One transaction over both databases, both turns held.
  void pair(Session& first, Session& second);
  // Leaves a transaction in the middle, with pages of it in the file or in the log.
  void leave_in_the_middle(Session& session);

 private:
  void prepare(Session& session);
  void step(Session& session);
  void settings(Session& session);
  void transaction(Session& session);
  void switch_mode(Session& session);
  void checkpoint(Session& session);
  void shrink(Session& session);
  void exclusively(Session& session);
  void without_journal(Session& session);
  void recreate(Session& session);
  void overwrite(Session& session);
  std::string change();
  std::string blob(int most);

  const Place& place_;
  Chance& chance_;
};

}  // namespace litetool::soak
