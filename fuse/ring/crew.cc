#include "fuse/ring/crew.h"

#include <chrono>
#include <system_error>

#include "core/os/processors.h"
#include "fuse/opcode.h"

namespace litetool::ring {
namespace {

// More requests of one processor than this are never in work at a time.
constexpr int kMaxServers = 64;
// A request that comes while a thread is being started finds another one free.
constexpr int kSpare = 2;
constexpr auto kWakeInterval = std::chrono::milliseconds(10);

}  // namespace

Result<std::unique_ptr<Crew>> Crew::make(const Place& place, unsigned processor) {
  std::unique_ptr<Crew> crew(new Crew(place, processor));
  LT_ASSIGN(crew->first_, Server::make(place.session, place.device, processor));
  return crew;
}

void Crew::start() {
  const std::lock_guard lock(mutex_);
  add(std::move(first_));
}

void Crew::stop() {
  std::unique_lock lock(mutex_);
  ended_ = true;
  while (at_work_ > 0) {
    for (std::thread& thread : threads_) ::pthread_kill(thread.native_handle(), place_.wake_signal);
    left_.wait_for(lock, kWakeInterval);  // a signal just before the wait is lost: again
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

// Also before anything that is not answered at once.
void Crew::about_to_wait() {
  current() = nullptr;
  if (free_ >= kSpare) return;
  const std::lock_guard lock(mutex_);
  if (ended_ || at_work_ >= kMaxServers || free_ >= kSpare) return;
  // Without another one, those that are there go on as they can.
  auto server = Server::make(place_.session, place_.device, processor_);
  if (!server) return;
  try {
    add(*std::move(server));
  } catch (const std::system_error&) {  // no more threads are allowed here
    --at_work_;
    --free_;
  }
}

void Crew::add(std::unique_ptr<Server> server) {
  ++at_work_;
  ++free_;
  threads_.emplace_back([this, server = std::move(server)] { work(*server); });
}

void Crew::work(Server& server) {
  pin_to_processor(processor_);
  const Status served = server.serve(
      ended_,
      [this](std::uint32_t opcode) {
        --free_;
        current() = this;
        if (!answered_at_once(opcode)) about_to_wait();
      },
      [this] {
        current() = nullptr;
        ++free_;
      });
  --free_;
  if (!served && !ended_) place_.failed(served.error());
  const std::lock_guard lock(mutex_);
  --at_work_;
  left_.notify_all();
}

}  // namespace litetool::ring
