// A mount by an ordinary user, with the help of fusermount3.
#include <sched.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include "mount/client_process.h"
#include "support/temp_dir.h"

namespace litetool::test {
namespace {

// Everything in here runs in a child of the test and makes no assertions.

void must(const std::string& command) {
  if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
}

// The real binary, serving in the foreground; gone with the object whatever happens.
class UserMount {
 public:
  explicit UserMount(std::string directory) : directory_(std::move(directory)) {
    const std::string command = std::string("exec ") + LITETOOL_BINARY + " mount " + directory_;
    output_ = ::popen(command.c_str(), "r");
    char line[200] = "";
    if (output_ == nullptr || std::fgets(line, sizeof line, output_) == nullptr) {
      throw std::runtime_error("litetool mount did not get ready");
    }
    ready_ = line;
  }
  ~UserMount() {
    if (output_ == nullptr) return;
    (void)std::system((std::string(LITETOOL_BINARY) + " unmount -q --lazy " + directory_).c_str());
    ::pclose(output_);
  }
  UserMount(const UserMount&) = delete;
  UserMount& operator=(const UserMount&) = delete;

  const std::string& ready() const { return ready_; }

  void unmount() {
    must(std::string(LITETOOL_BINARY) + " unmount " + directory_ + " 2>/dev/null");
    FILE* output = output_;
    output_ = nullptr;
    if (::pclose(output) != 0) throw std::runtime_error("the daemon did not end in order");
  }

 private:
  std::string directory_;
  std::string ready_;
  FILE* output_ = nullptr;
};

std::string ask(const std::string& path, const std::vector<std::string>& statements) {
  sqlite3* db = nullptr;
  std::string answer;
  const auto take = [](void* into, int, char** values, char**) {
    *static_cast<std::string*>(into) = values[0] != nullptr ? values[0] : "";
    return 0;
  };
  int rc = sqlite3_open(path.c_str(), &db);
  for (const std::string& sql : statements) {
    if (rc == SQLITE_OK) rc = sqlite3_exec(db, sql.c_str(), take, &answer, nullptr);
  }
  const std::string message = sqlite3_errmsg(db);
  sqlite3_close(db);
  if (rc != SQLITE_OK) throw std::runtime_error(path + ": " + message);
  return answer;
}

std::string transactions_in(const std::string& directory, const std::string& mode) {
  const std::string path = directory + "/" + mode + ".db";
  constexpr int kRows = 20;
  ask(path, {"PRAGMA journal_mode=" + mode, "CREATE TABLE t(x)"});
  for (int i = 0; i < kRows; ++i) ask(path, {"INSERT INTO t VALUES(" + std::to_string(i) + ")"});
  return path;
}

std::string mount_and_restore(const std::string& place) {
  const std::string directory = place + "/data";
  if (::mkdir(directory.c_str(), 0755) != 0) throw std::runtime_error("mkdir " + directory);
  UserMount mount(directory);
  for (const char* mode : {"wal", "delete"}) transactions_in(directory, mode);
  mount.unmount();
  std::string sums = mount.ready();
  for (const std::string mode : {"wal", "delete"}) {
    // The last row is taken back, by way of the history.
    for (const char* at : {"latest", "latest~1"}) {
      must(std::string(LITETOOL_BINARY) + " restore -q -f --at " + at + " -o " + place +
           "/out.db " + directory + "/" + mode + ".db");
      sums += ask(place + "/out.db", {"SELECT sum(x) FROM t"}) + " ";
    }
  }
  return sums;
}

// Makes /dev/fuse one that everybody may open, as distributions do, for this process and its
// children only.
bool open_device_to_all(const std::string& node) {
  return ::unshare(CLONE_NEWNS) == 0 &&
         ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount(node.c_str(), "/dev/fuse", nullptr, MS_BIND, nullptr) == 0;
}

// Why an ordinary user cannot do it here; empty when one can.
std::string why_not(Person person) {
  if (std::system("command -v fusermount3 >/dev/null 2>&1") != 0) return "no fusermount3";
  const std::string start = std::string(LITETOOL_BINARY) + " version >/dev/null 2>&1";
  return run_as(person, [&] {
    return std::string(std::system(start.c_str()) == 0 ? "" : "it cannot run litetool");
  });
}

TEST_CASE("an ordinary user mounts, and restores from the history") {
  const Person person{1000, 1000};
  if (const std::string reason = why_not(person); !reason.empty()) {
    WARN("SKIP: mount by an ordinary user: " << reason);
    return;
  }
  const TempDir temp;
  REQUIRE(::chmod(temp.path().c_str(), 0755) == 0);
  const std::string place = temp.file("user");
  REQUIRE(::mkdir(place.c_str(), 0755) == 0);
  REQUIRE(::chown(place.c_str(), person.user, person.group) == 0);
  const std::string node = temp.file("fuse");
  constexpr unsigned kMisc = 10, kFuse = 229;
  REQUIRE(::mknod(node.c_str(), S_IFCHR | 0666, makedev(kMisc, kFuse)) == 0);
  REQUIRE(::chmod(node.c_str(), 0666) == 0);
  const std::string said = run_as(
      person, [&] { return mount_and_restore(place); }, [&] { return open_device_to_all(node); });
  CHECK(said == "mounted " + place + "/data (cached, 0 databases)\n190 171 190 171 ");
}

}  // namespace
}  // namespace litetool::test
