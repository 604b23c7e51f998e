#include "fuse/ring/ring_set.h"

#include "core/os/processors.h"

namespace litetool::ring {

Result<std::unique_ptr<RingSet>> RingSet::make(Crew::Place place, KernelSwitch on) {
  LT_ASSIGN(const unsigned possible, possible_processors());
  std::unique_ptr<RingSet> set(new RingSet(std::move(place), std::move(on)));
  for (unsigned processor = 0; processor < possible; ++processor) {
    LT_ASSIGN(std::unique_ptr<Crew> crew, Crew::make(set->place_, processor));
    set->crews_.push_back(std::move(crew));
  }
  return set;
}

void RingSet::start() {
  switch_.reset();  // once in use it stays so for this mount
  for (const auto& crew : crews_) crew->start();
}

void RingSet::stop() {
  for (const auto& crew : crews_) crew->stop();
}

}  // namespace litetool::ring
