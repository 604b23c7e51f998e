// produce -> work -> consume: work runs on several threads, results are consumed in the order they
// were produced. What every parallel command here is made of: frames are read and checksums
// combined in order, decompression in between is not.
//
// produce and consume run on the caller's thread only, work on any; each item is touched by one
// thread at a time. Items are recycled, so their buffers are allocated once: memory is bounded by
// kItemsPerThread * threads items. The first error in order wins and ends everything.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <system_error>
#include <thread>
#include <vector>

#include "core/os/processors.h"
#include "formats/base/result.h"

namespace litetool {

constexpr std::size_t kItemsPerThread = 3;

template <typename Item>
class OrderedPipeline {
 public:
  explicit OrderedPipeline(unsigned threads)
      : slots_(threads <= 1 ? 1 : kItemsPerThread * threads) {
    try {
      for (unsigned i = 1; i < threads; ++i) {
        workers_.emplace_back([this](const std::stop_token& stop) { worker_loop(stop); });
      }
    } catch (const std::system_error&) {  // no more threads are allowed here: these have to do
    }
  }

  // Result<bool> produce(Item&): fills the item, false at the end. Status work(Item&) const-safe on
  // any thread. Status consume(Item&). May be called once.
  template <typename Produce, typename Work, typename Consume>
  Status run(Produce produce, Work work, Consume consume) {
    if (workers_.empty()) return run_inline(produce, work, consume);
    {
      // Under the mutex: the workers started in the constructor look at it.
      const std::lock_guard lock(mutex_);
      work_ = [work](Item& item) { return work(item); };
    }
    const Status status = pump(produce, consume);
    settle();
    return status;
  }

 private:
  struct Slot {
    Item item;
    bool done = false;             // guarded by mutex_
    std::optional<Error> error{};  // guarded by mutex_
  };

  template <typename Produce, typename Consume>
  Status pump(Produce& produce, Consume& consume) {
    bool ended = false;
    while (true) {
      while (!ended && produced_ - consumed_ < slots_.size()) {
        LT_ASSIGN(const bool more, produce(slots_[produced_ % slots_.size()].item));
        if (!more) {
          ended = true;
          break;
        }
        make_ready();
      }
      if (consumed_ == produced_) return {};
      Slot& head = slots_[consumed_ % slots_.size()];
      LT_TRY(finish(head));
      LT_TRY(consume(head.item));
      ++consumed_;
    }
  }

  template <typename Produce, typename Work, typename Consume>
  Status run_inline(Produce& produce, Work& work, Consume& consume) {
    Item& item = slots_[0].item;
    while (true) {
      LT_ASSIGN(const bool more, produce(item));
      if (!more) return {};
      LT_TRY(work(item));
      LT_TRY(consume(item));
    }
  }

  // After an error: items nobody has begun are dropped, those in work are waited for, so that
  // nothing the caller's functions refer to is used after run() returns.
  void settle() {
    std::unique_lock lock(mutex_);
    taken_ = produced_;
    done_.wait(lock, [this] { return in_work_ == 0; });
  }

  void make_ready() {
    const std::lock_guard lock(mutex_);
    Slot& slot = slots_[produced_ % slots_.size()];
    slot.done = false;
    slot.error.reset();
    ++produced_;
    wake_.notify_one();
  }

  // Works on whatever is ready until `head` is done: the caller's thread is a worker too.
  Status finish(Slot& head) {
    std::unique_lock lock(mutex_);
    while (!head.done) {
      if (taken_ < produced_) {
        take_one(lock);
      } else {
        done_.wait(lock);
      }
    }
    if (head.error) return *std::move(head.error);
    return {};
  }

  void worker_loop(const std::stop_token& stop) {
    run_anywhere();
    std::unique_lock lock(mutex_);
    while (wake_.wait(lock, stop, [this] { return taken_ < produced_; })) take_one(lock);
  }

  // Takes the oldest ready item and works on it with the mutex released.
  void take_one(std::unique_lock<std::mutex>& lock) {
    Slot& slot = slots_[taken_++ % slots_.size()];
    ++in_work_;
    lock.unlock();
    Status status = work_(slot.item);
    lock.lock();
    --in_work_;
    if (!status) slot.error = std::move(status).error();
    slot.done = true;
    done_.notify_one();
  }

  std::vector<Slot> slots_;
  std::mutex mutex_;
  std::condition_variable_any wake_;  // something is ready, for workers
  std::condition_variable_any done_;  // something is done, for the caller
  std::function<Status(Item&)> work_;
  std::size_t produced_ = 0;           // written by the caller under mutex_
  std::size_t taken_ = 0;              // guarded by mutex_
  std::size_t in_work_ = 0;            // guarded by mutex_
  std::size_t consumed_ = 0;           // the caller's own
  std::vector<std::jthread> workers_;  // last: stopped and joined before the rest goes
};

}  // namespace litetool
