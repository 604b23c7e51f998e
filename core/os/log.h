// The log of a long-running command: to standard error or a file, each cause at most once in ten
// seconds.
//
// What is said again and again (one warning per page of a damaged disk) is counted instead, and
// told as "(repeated 41 times)" when the ten seconds are over. Messages are of one cause when they
// differ only in numbers. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "core/os/env.h"
#include "core/os/unique_fd.h"

namespace litetool {

enum class LogLevel : std::uint8_t { kError, kWarning, kInfo, kDebug };
// "error", "warning", "info", "debug".
const char* log_level_text(LogLevel level);

struct LogLine {
  std::int64_t time_ms;  // since the epoch
  LogLevel level;
  std::string message;
};

struct LogOptions {
  LogLevel level = LogLevel::kInfo;  // the least important that is written
  int dir = kCwd;                    // what `file` is relative to, see beneath.h
  std::string file;                  // empty: standard error
  // One line without its end; by default the text that people read.
  std::function<std::string(const LogLine&)> render = {};
};

class Log {
 public:
  // Opens the file, made when it is missing and appended to when it is there, readable by its owner
  // and group. `env` outlives the log.
  static Result<std::unique_ptr<Log>> open(Env& env, LogOptions options);
  // Tells what is still counted.
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void write(LogLevel level, const std::string& message);

  bool has_file() const { return directory_.valid(); }
  // Opens the file by its name again: somebody has moved the old one away. Keeps the old one when
  // that fails. The folder is the one of the start, even where a file system now covers it.
  Status reopen();

 private:
  Log(Env& env, LogOptions options) : env_(env), options_(std::move(options)) {}

  struct Cause {
    std::int64_t since_ms;
    std::uint64_t held_back;
    LogLine last;
  };

  void forget_expired(std::int64_t now_ms);
  void tell_held_back(const Cause& cause);
  void put(const LogLine& line);

  Env& env_;
  LogOptions options_;
  std::mutex mutex_;
  UniqueFd directory_;  // of the file
  UniqueFd file_;
  std::map<std::string, Cause> causes_;
};

}  // namespace litetool
