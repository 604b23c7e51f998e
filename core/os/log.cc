#include "core/os/log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "core/os/beneath.h"
#include "core/os/paths.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

constexpr std::int64_t kQuietMs = 10'000;
// As many causes as are kept apart; a log with more has more than repetitions to tell.
constexpr std::size_t kMaxCauses = 256;

bool is_number(std::string_view word) {
  return word.find_first_of("0123456789") != std::string_view::npos &&
         word.find_first_not_of("0123456789abcdefx.,:/-()") == std::string_view::npos;
}

// The message with its numbers blanked: counts, offsets, TXIDs, checksums, times.
std::string cause_of(const std::string& message) {
  std::string cause;
  for (std::size_t at = 0; at < message.size();) {
    const std::size_t end = std::min(message.find(' ', at), message.size());
    const std::string_view word = std::string_view(message).substr(at, end - at);
    cause += is_number(word) ? "#" : std::string(word);
    cause += ' ';
    at = end + 1;
  }
  return cause;
}

std::string for_people(const LogLine& line, bool with_time) {
  return (with_time ? rfc3339_ms(line.time_ms) + " " : "") + log_level_text(line.level) + ": " +
         printable(line.message);
}

Result<UniqueFd> open_file(int directory, const std::string& path) {
  UniqueFd fd(::openat(directory, last_part(path).c_str(),
                       O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW, 0640));
  if (!fd.valid()) return Error::from_errno(errno, "open log " + path);
  return fd;
}

}  // namespace

const char* log_level_text(LogLevel level) {
  switch (level) {
    case LogLevel::kError:
      return "error";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kDebug:
      return "debug";
  }
  return "";
}

Result<std::unique_ptr<Log>> Log::open(Env& env, LogOptions options) {
  std::unique_ptr<Log> log(new Log(env, std::move(options)));
  const std::string& path = log->options_.file;
  if (!path.empty()) {
    log->directory_ = open_beneath(log->options_.dir, directory_of(path), O_RDONLY | O_DIRECTORY);
    if (!log->directory_.valid()) return Error::from_errno(errno, "open log " + path);
    LT_ASSIGN(log->file_, open_file(log->directory_.get(), path));
  }
  if (!log->options_.render) {
    log->options_.render = [with_time = !path.empty()](const LogLine& line) {
      return for_people(line, with_time);
    };
  }
  return log;
}

Log::~Log() {
  for (const auto& [cause, state] : causes_) tell_held_back(state);
}

void Log::write(LogLevel level, const std::string& message) {
  if (level > options_.level) return;
  const std::lock_guard lock(mutex_);
  const LogLine line{env_.now_ms(), level, message};
  forget_expired(line.time_ms);
  const auto [it, is_new] = causes_.try_emplace(cause_of(message), Cause{line.time_ms, 0, line});
  if (is_new) {
    put(line);
    return;
  }
  ++it->second.held_back;
  it->second.last = line;
}

Status Log::reopen() {
  const std::lock_guard lock(mutex_);
  LT_ASSIGN(file_, open_file(directory_.get(), options_.file));
  return {};
}

// A clock that was set back ends a cause's ten seconds too.
void Log::forget_expired(std::int64_t now_ms) {
  const bool all = causes_.size() >= kMaxCauses;
  std::erase_if(causes_, [&](const auto& entry) {
    const std::int64_t age = now_ms - entry.second.since_ms;
    const bool over = all || age < 0 || age >= kQuietMs;
    if (over) tell_held_back(entry.second);
    return over;
  });
}

void Log::tell_held_back(const Cause& cause) {
  if (cause.held_back == 0) return;
  LogLine line = cause.last;
  line.message += cause.held_back == 1
                      ? " (repeated once)"
                      : " (repeated " + std::to_string(cause.held_back) + " times)";
  put(line);
}

// One write a line, so that lines of several processes stay whole. A log that cannot be written
// must not stop what it is about.
void Log::put(const LogLine& line) {
  const std::string text = options_.render(line) + "\n";
  (void)!::write(file_.valid() ? file_.get() : STDERR_FILENO, text.data(), text.size());
}

}  // namespace litetool
