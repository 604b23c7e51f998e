// What a long operation needs from whoever started it: threads, a way to stop, somebody to tell.
//
// Passed by reference down the call chain; the caller keeps everything it points to alive.
#pragma once

#include <atomic>
#include <cstdint>

#include "core/os/env.h"
#include "formats/base/result.h"

namespace litetool {

// Told about work done, from any thread.
class ProgressSink {
 public:
  virtual ~ProgressSink() = default;
  // `bytes` more are done, of a total that was announced to the constructor of the sink.
  virtual void advance(std::uint64_t bytes) = 0;
};

struct Job {
  Env& env;
  unsigned threads = 1;                     // >= 1; worker threads the operation may use
  const std::atomic<bool>* stop = nullptr;  // set when the user interrupts; may be null
  ProgressSink* progress = nullptr;         // may be null

  // kInterrupted once stop is set: loops call it between batches, so that clean-up runs.
  Status check() const {
    if (stop != nullptr && stop->load(std::memory_order_relaxed)) {
      return Error(Errc::kInterrupted, "interrupted");
    }
    return {};
  }
  void advance(std::uint64_t bytes) const {
    if (progress != nullptr) progress->advance(bytes);
  }
};

}  // namespace litetool
