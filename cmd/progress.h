// Progress with rate and ETA on stderr, for steps that take longer than a second on a terminal.
#pragma once

#include <atomic>
#include <chrono>
#include <string>

#include "cmd/output.h"
#include "core/os/job.h"

namespace litetool {

class Progress : public ProgressSink {
 public:
  // `what` is the verb shown ("verify"); `total_bytes` 0 when it is not known. Silent unless stderr
  // is a terminal, and with --quiet or --json.
  Progress(const Output& out, std::string what, std::uint64_t total_bytes);
  // Wipes its line.
  ~Progress() override;
  void advance(std::uint64_t bytes) override;

 private:
  using Clock = std::chrono::steady_clock;
  void draw(std::uint64_t done, std::int64_t elapsed_ms);

  const bool shown_;
  const std::string what_;
  const std::uint64_t total_bytes_;
  const Clock::time_point start_ = Clock::now();
  std::atomic<std::uint64_t> done_ = 0;
  std::atomic<std::int64_t> next_draw_ms_ = 1000;  // nothing is shown in the first second
  std::atomic<bool> drawn_ = false;
};

}  // namespace litetool
