#include "core/os/file_watch.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/os/env.h"

namespace litetool {

Result<std::unique_ptr<FileWatch>> FileWatch::create() {
  UniqueFd events(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!events.valid()) return Error::from_errno(errno, "watch files");
  UniqueFd wakes(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!wakes.valid()) return Error::from_errno(errno, "watch files");
  return std::unique_ptr<FileWatch>(new FileWatch(std::move(events), std::move(wakes)));
}

Result<int> FileWatch::watch_once(int dir, const std::string& path) {
  const std::string from_root =
      dir == kCwd ? path : "/proc/self/fd/" + std::to_string(dir) + "/" + path;
  const int watch = ::inotify_add_watch(events_.get(), from_root.c_str(), IN_MODIFY | IN_ONESHOT);
  if (watch < 0) return Error::from_errno(errno, "watch " + path);
  return watch;
}

void FileWatch::forget(int watch) {
  (void)::inotify_rm_watch(events_.get(), watch);
}

std::vector<int> FileWatch::wait(std::chrono::milliseconds timeout) {
  pollfd files[] = {{events_.get(), POLLIN, 0}, {wakes_.get(), POLLIN, 0}};
  if (::poll(files, std::size(files), static_cast<int>(timeout.count())) == 0) return {};
  std::uint64_t wakes = 0;
  (void)!::read(wakes_.get(), &wakes, sizeof wakes);
  std::vector<int> reported;
  alignas(inotify_event) char buffer[4096];
  while (true) {
    const ssize_t n = ::read(events_.get(), buffer, sizeof buffer);
    if (n <= 0) break;
    for (ssize_t at = 0; at < n;) {
      inotify_event event{};
      std::memcpy(&event, buffer + at, sizeof event);
      reported.push_back(event.wd);
      at += static_cast<ssize_t>(sizeof event + event.len);
    }
  }
  std::ranges::sort(reported);
  const auto repeated = std::ranges::unique(reported);
  reported.erase(repeated.begin(), repeated.end());
  return reported;
}

void FileWatch::wake() {
  const std::uint64_t one = 1;
  (void)!::write(wakes_.get(), &one, sizeof one);
}

}  // namespace litetool
