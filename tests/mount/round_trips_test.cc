// How many requests the kernel sends for a transaction. Each one costs 4 to 70 microseconds, so
// these numbers are what a mounted database costs; they do not depend on the machine.
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <sstream>
#include <stdexcept>

#include "core/os/unique_fd.h"
#include "mount/client_process.h"
#include "mount/mounted.h"
#include "support/temp_dir.h"

namespace litetool::test {
namespace {

using Counts = std::map<std::string, long>;

// The requests between two looks, without those that look.
class RequestMeter {
 public:
  explicit RequestMeter(const std::string& directory)
      : file_(::open((directory + "/.litetool-requests").c_str(), O_RDONLY | O_CLOEXEC)) {
    if (!file_.valid()) throw std::runtime_error("no request counts");
    (void)since_last();
  }

  Counts since_last() {
    char text[4096];
    const ssize_t n = ::pread(file_.get(), text, sizeof text, 0);  // one READ, which counts itself
    if (n <= 0) throw std::runtime_error("the request counts cannot be read");
    std::istringstream lines(std::string(text, static_cast<std::size_t>(n)));
    Counts now;
    std::string kind;
    for (long count = 0; lines >> kind >> count;) now[kind] = count;
    Counts difference;
    for (const auto& [name, count] : now) {
      const long more = count - before_[name] - (name == "READ" ? 1 : 0);
      if (more != 0) difference[name] = more;
    }
    before_ = std::move(now);
    return difference;
  }

 private:
  UniqueFd file_;
  Counts before_;
};

// Clients are children of the test, which make no assertions.
class Client {
 public:
  explicit Client(const std::string& path) {
    if (sqlite3_open(path.c_str(), &db_) != SQLITE_OK) fail("open");
  }
  ~Client() { sqlite3_close(db_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void run(const std::string& sql) {
    if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail(sql);
  }

 private:
  [[noreturn]] void fail(const std::string& what) {
    throw std::runtime_error(what + ": " + sqlite3_errmsg(db_));
  }
  sqlite3* db_ = nullptr;
};

// Those that a client waits for: the kernel sends the two kinds of RELEASE behind its back.
long total(const Counts& counts) {
  long sum = 0;
  for (const auto& [kind, count] : counts) sum += kind.starts_with("RELEASE") ? 0 : count;
  return sum;
}

std::string as_text(const Counts& counts) {
  std::string text = std::to_string(total(counts));
  for (const auto& [kind, count] : counts) text += " " + kind + ":" + std::to_string(count);
  return text;
}

// What one transaction costs when everything is warm: the median of many.
std::string cost(const std::string& directory, const std::string& settings,
                 const std::string& sql) {
  constexpr int kWarmUp = 20, kRuns = 41;
  Client client(directory + "/app.db");
  client.run("PRAGMA journal_mode=" + settings);
  client.run("CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, v BLOB)");
  client.run("INSERT INTO t(v) VALUES(randomblob(100))");
  RequestMeter meter(directory);
  std::vector<Counts> all;
  for (int i = 0; i < kWarmUp + kRuns; ++i) {
    (void)meter.since_last();
    client.run(sql);
    Counts counts = meter.since_last();
    if (i >= kWarmUp) all.push_back(std::move(counts));
  }
  std::ranges::sort(all, {}, total);
  return as_text(all[all.size() / 2]);
}

// What it costs to open a database in WAL mode, read it and close it: the log and its index come
// and go with its only client.
std::string cost_of_opening(const std::string& directory) {
  constexpr int kWarmUp = 5, kRuns = 21;
  const std::string path = directory + "/opened.db";
  Client(path).run("PRAGMA journal_mode=WAL; CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY)");
  RequestMeter meter(directory);
  std::vector<Counts> all;
  for (int i = 0; i < kWarmUp + kRuns; ++i) {
    (void)meter.since_last();
    Client(path).run("SELECT id FROM t WHERE id=1");
    Counts counts = meter.since_last();
    if (i >= kWarmUp) all.push_back(std::move(counts));
  }
  std::ranges::sort(all, {}, total);
  return as_text(all[all.size() / 2]);
}

const std::string kWrite = "INSERT INTO t(v) VALUES(randomblob(100))";
const std::string kRead = "SELECT v FROM t WHERE id=1";

struct Case {
  const char* journal;  // and settings
  const std::string& sql;
  int owner;  // requests that it waits for, at most: for a client that owns the directory
  int other;  // for one that does not, in a directory that is open to its group
};

// An owner is spared the questions for access control lists that a change of the directory brings.
const Case kCases[] = {
    {"WAL; PRAGMA synchronous=NORMAL", kWrite, 0, 0},
    {"WAL; PRAGMA synchronous=FULL", kWrite, 1, 1},
    {"WAL", kRead, 0, 0},
    {"DELETE; PRAGMA synchronous=FULL", kWrite, 13, 15},
    {"DELETE", kRead, 0, 0},
    {"TRUNCATE; PRAGMA synchronous=FULL", kWrite, 14, 14},
    {"TRUNCATE", kRead, 0, 0},
    {"PERSIST; PRAGMA synchronous=FULL", kWrite, 16, 16},
    {"PERSIST", kRead, 1, 1},
};

TEST_CASE("a transaction makes no more round trips than it must") {
  const Person person{1000, 1000};
  const bool owner = GENERATE(true, false);
  const TempDir temp;
  REQUIRE(::chmod(temp.path().c_str(), 0755) == 0);
  const std::string directory = temp.file("data");
  REQUIRE(::mkdir(directory.c_str(), 0770) == 0);
  REQUIRE(::chown(directory.c_str(), owner ? person.user : 0, person.group) == 0);
  REQUIRE(::chmod(directory.c_str(), 02770) == 0);
  const Mounted mounted(directory);
  if (mounted.ready_line().find("passthrough") == std::string::npos) {
    WARN("SKIP: the numbers are those of passthrough, which this kernel does not have");
    return;
  }
  if (!owner && directories_shown_at(directory) == std::vector<std::string>{"/"}) {
    WARN("SKIP: for others the numbers are those of a directory below the top one (Linux 6.15)");
    return;
  }
  for (const Case& c : kCases) {
    const int most = owner ? c.owner : c.other;
    std::string counts;
    // On a busy machine we hear late that a reader has closed the journal it only looked at; who
    // opens it for writing meanwhile goes through the page cache, too.
    for (int tries = 0; tries < 5 && (tries == 0 || std::stoi(counts) > most); ++tries) {
      counts = run_as(person, [&] { return cost(directory, c.journal, c.sql); });
    }
    INFO((owner ? "owner, " : "other, ") << c.journal << ", " << c.sql << ": " << counts);
    CHECK(std::stoi(counts) <= most);
  }
  const std::string counts = run_as(person, [&] { return cost_of_opening(directory); });
  INFO((owner ? "owner" : "other") << ", open and close: " << counts);
  CHECK(std::stoi(counts) <= (owner ? 18 : 22));
}

}  // namespace
}  // namespace litetool::test
