// The log: levels, forms, and that nothing is said too often or lost.
#include "core/os/log.h"

#include <catch2/catch.hpp>
#include <cstdio>
#include <sstream>

#include "core/os/paths.h"
#include "tests/support/fault_env.h"
#include "tests/support/temp_dir.h"

namespace litetool {
namespace {

// An Env with a clock that only the test moves.
class ClockEnv : public test::FaultEnv {
 public:
  ClockEnv() : FaultEnv(posix_env(), 0, Fault::kDiskFull) {}
  std::int64_t now_ms() override { return now; }
  std::int64_t now = 1'000'000;
};

std::vector<std::string> lines_of(const std::string& path) {
  const Buffer bytes = test::read_file(path);
  std::istringstream in(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::unique_ptr<Log> open_log(Env& env, const std::string& path, LogLevel level) {
  LogOptions options;
  options.file = path;
  options.level = level;
  options.render = [](const LogLine& line) {
    return std::string(log_level_text(line.level)) + " " + line.message;
  };
  auto log = Log::open(env, options);
  REQUIRE(log.ok());
  return *std::move(log);
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("log: what is less important than the level is left out") {
  const test::TempDir temp;
  ClockEnv env;
  {
    const auto log = open_log(env, temp.file("log"), LogLevel::kWarning);
    log->write(LogLevel::kDebug, "a");
    log->write(LogLevel::kInfo, "b");
    log->write(LogLevel::kWarning, "c");
    log->write(LogLevel::kError, "d");
  }
  CHECK(lines_of(temp.file("log")) == Lines{"warning c", "error d"});
}

TEST_CASE("log: one cause is told once in ten seconds, and how often it came") {
  const test::TempDir temp;
  ClockEnv env;
  {
    const auto log = open_log(env, temp.file("log"), LogLevel::kInfo);
    for (int i = 0; i < 5; ++i) {
      log->write(LogLevel::kWarning, "app.db: page " + std::to_string(i) + " is bad");
    }
    log->write(LogLevel::kWarning, "app1.db: page 7 is bad");  // another database, another cause
    env.now += 10'000;
    log->write(LogLevel::kWarning, "something else");
    log->write(LogLevel::kWarning, "app.db: page 9 is bad");
    log->write(LogLevel::kWarning, "something else");
    env.now -= 100'000;  // a clock that is set back keeps nothing quiet
    log->write(LogLevel::kWarning, "app.db: page 10 is bad");
  }
  CHECK(lines_of(temp.file("log")) ==
        Lines{"warning app.db: page 0 is bad", "warning app1.db: page 7 is bad",
              "warning app.db: page 4 is bad (repeated 4 times)", "warning something else",
              "warning app.db: page 9 is bad", "warning something else (repeated once)",
              "warning app.db: page 10 is bad"});
}

TEST_CASE("log: the causes that are kept are bounded") {
  const test::TempDir temp;
  ClockEnv env;
  {
    const auto log = open_log(env, temp.file("log"), LogLevel::kInfo);
    std::string name = "x";
    for (int i = 0; i < 1000; ++i) log->write(LogLevel::kWarning, name += 'x');
  }
  CHECK(lines_of(temp.file("log")).size() == 1000);
}

TEST_CASE("log: the default form has the time in a file, and no control characters") {
  const test::TempDir temp;
  ClockEnv env;
  LogOptions options;
  options.file = temp.file("log");
  {
    const auto log = Log::open(env, options);
    REQUIRE(log.ok());
    (*log)->write(LogLevel::kInfo, "a\nb");
  }
  const Lines lines = lines_of(temp.file("log"));
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with("1970-01-01T00:16:40.000Z info: a"));
}

TEST_CASE("log: a file that was moved away is made anew") {
  const test::TempDir temp;
  ClockEnv env;
  const auto log = open_log(env, temp.file("log"), LogLevel::kInfo);
  log->write(LogLevel::kInfo, "before");
  REQUIRE(std::rename(temp.file("log").c_str(), temp.file("log.1").c_str()) == 0);
  log->write(LogLevel::kInfo, "between");
  REQUIRE(log->reopen().ok());
  log->write(LogLevel::kInfo, "after");
  CHECK(lines_of(temp.file("log.1")) == Lines{"info before", "info between"});
  CHECK(lines_of(temp.file("log")) == Lines{"info after"});
  LogOptions nowhere;
  nowhere.file = temp.file("missing/log");
  CHECK_FALSE(Log::open(env, nowhere).ok());
}

TEST_CASE("paths: parts and absolute forms") {
  CHECK(directory_of("a/b/c") == "a/b");
  CHECK(directory_of("/c") == "/");
  CHECK(directory_of("c") == ".");
  CHECK(last_part("a/b") == "b");
  CHECK(last_part("b") == "b");
  const test::TempDir temp;
  const auto file = absolute_path(temp.file("x") + "/../y");
  CHECK_FALSE(file.ok());
  const auto real = absolute_directory(temp.path());
  REQUIRE(real.ok());
  const auto there = absolute_path(temp.path() + "/./none.db");
  REQUIRE(there.ok());
  CHECK(*there == *real + "/none.db");
  const auto at_root = absolute_path("/none.db");
  REQUIRE(at_root.ok());
  CHECK(*at_root == "/none.db");
  CHECK_FALSE(absolute_path(temp.path() + "/").ok());
  test::write_file(temp.file("file"), {});
  CHECK_FALSE(absolute_directory(temp.file("file")).ok());
}

}  // namespace litetool
