#include "cmd/progress.h"

#include <cstdio>

#include "formats/base/text.h"

namespace litetool {
namespace {

constexpr std::int64_t kDrawEveryMs = 200;

std::string clock_text(std::uint64_t seconds) {
  return format("%llu:%02llu", static_cast<unsigned long long>(seconds / 60),
                static_cast<unsigned long long>(seconds % 60));
}

}  // namespace

Progress::Progress(const Output& out, std::string what, std::uint64_t total_bytes)
    : shown_(out.stderr_is_terminal() && !out.quiet() && !out.json_mode()),
      what_(std::move(what)),
      total_bytes_(total_bytes) {}

Progress::~Progress() {
  if (drawn_) std::fprintf(stderr, "\r\x1b[K");
}

void Progress::advance(std::uint64_t bytes) {
  const std::uint64_t done = done_.fetch_add(bytes, std::memory_order_relaxed) + bytes;
  if (!shown_) return;
  const std::int64_t elapsed_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start_).count();
  std::int64_t due = next_draw_ms_.load(std::memory_order_relaxed);
  // Whoever moves the due time draws; the others go on working.
  if (elapsed_ms >= due && next_draw_ms_.compare_exchange_strong(due, elapsed_ms + kDrawEveryMs)) {
    draw(done, elapsed_ms);
  }
}

void Progress::draw(std::uint64_t done, std::int64_t elapsed_ms) {
  const std::uint64_t per_second = done * 1000 / static_cast<std::uint64_t>(elapsed_ms);
  std::string text = what_ + "  " + human_size(done) + "  " + human_size(per_second) + "/s";
  if (total_bytes_ > done && per_second > 0) {
    text += format("  %llu %%  ETA ", static_cast<unsigned long long>(done * 100 / total_bytes_)) +
            clock_text((total_bytes_ - done) / per_second);
  }
  drawn_ = true;
  std::fprintf(stderr, "\r\x1b[K%s", text.c_str());
  std::fflush(stderr);
}

}  // namespace litetool
