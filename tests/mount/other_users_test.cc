// What other users see of a mount by root that a plain directory does not have: the history, the
// virtual files, and a directory that changes beneath the mount.
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sstream>
#include <thread>

#include "mount/client_process.h"
#include "mount/mounted.h"
#include "support/sqlite_session.h"
#include "support/temp_dir.h"

namespace litetool::test {
namespace {

constexpr Person kOther{1002, 1002};
constexpr Person kThird{1003, 1003};

// "" or the name of the errno.
std::string outcome(long result) {
  return result < 0 ? ::strerrorname_np(errno) : "";
}

std::string open_outcome(const std::string& path, int flags) {
  const int file = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
  const std::string said = outcome(file);
  if (file >= 0) ::close(file);
  return said;
}

void make_database(const std::string& path, Person owner, mode_t mode) {
  {
    SqliteSession session(path);
    session.exec("PRAGMA journal_mode=WAL");
    session.exec("CREATE TABLE t(x)");
  }
  REQUIRE(::chown(path.c_str(), owner.user, owner.group) == 0);
  REQUIRE(::chmod(path.c_str(), mode) == 0);
}

TEST_CASE("the history is closed to other users, also to the owner of the directory") {
  const TempDir temp;
  REQUIRE(::chmod(temp.path().c_str(), 0755) == 0);
  const std::string data = temp.file("data");
  REQUIRE(::mkdir(data.c_str(), 0777) == 0);
  REQUIRE(::chown(data.c_str(), kOther.user, kOther.group) == 0);
  Mounted mounted(data);
  make_database(mounted.file("app.db"), {0, 0}, 0600);
  const std::string folder = mounted.file(".litetool");
  for (const Person& person : {kOther, kThird}) {
    const std::string said = run_as(person, [&] {
      std::string text;
      for (const char* below : {"", "/node", "/db", "/db/app.db", "/../.litetool/db/app.db"}) {
        text += open_outcome(folder + below, O_RDONLY) + " ";
      }
      text += open_outcome(folder + "/new", O_CREAT | O_WRONLY) + " ";
      text += outcome(::rename(folder.c_str(), mounted.file("mine").c_str())) + " ";
      text += outcome(::rmdir(folder.c_str())) + " ";
      text += outcome(::chmod(folder.c_str(), 0777)) + " ";
      text += outcome(::symlink("/etc", (folder + "/s").c_str())) + " ";
      return text + outcome(::link((folder + "/node").c_str(), mounted.file("n").c_str()));
    });
    CHECK(said == "EACCES EACCES EACCES EACCES EACCES EACCES EACCES EACCES EPERM EACCES EACCES");
  }
  CHECK(mounted.unmount() == 0);
  int files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    struct stat st {};
    REQUIRE(::lstat(entry.path().c_str(), &st) == 0);
    INFO(entry.path());
    CHECK((st.st_mode & 077) == 0);
    CHECK(st.st_uid == 0);
    ++files;
  }
  CHECK(files > 4);
}

TEST_CASE("virtual files say about a database what its readers may know") {
  const auto tier = GENERATE(Mounted::Tier::kPassthrough, Mounted::Tier::kCached);
  const TempDir temp;
  REQUIRE(::chmod(temp.path().c_str(), 0755) == 0);
  const Mounted mounted(temp.path(), tier);
  make_database(mounted.file("secret.db"), {0, 0}, 0600);
  make_database(mounted.file("grouped.db"), {0, kOther.group}, 0640);
  make_database(mounted.file("open.db"), {0, 0}, 0644);
  REQUIRE(::mkdir(mounted.file("closed").c_str(), 0755) == 0);
  make_database(mounted.file("closed/in.db"), {0, 0}, 0644);
  REQUIRE(::chmod(mounted.file("closed").c_str(), 0700) == 0);
  const auto seen_by = [&](Person person) {
    return run_as(person, [&] {
      std::string text;
      for (const char* name : {"secret.db", "grouped.db", "open.db", "closed/in.db"}) {
        text += open_outcome(mounted.file(std::string(name) + "-pos"), O_RDONLY) + " ";
      }
      const Buffer bytes = read_file(mounted.file(".litetool-status"));
      const std::string status(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      for (const char* name : {"secret.db", "grouped.db", "open.db", "closed/in.db"}) {
        text += status.find(name) == std::string::npos ? "-" : "+";
      }
      return text;
    });
  };
  CHECK(seen_by({0, 0}) == "    ++++");
  CHECK(seen_by(kOther) == "EACCES   EACCES -++-");
  CHECK(seen_by(kThird) == "EACCES EACCES  EACCES --+-");
}

TEST_CASE("a status that another opened tells root's program nothing more") {
  const TempDir temp;
  REQUIRE(::chmod(temp.path().c_str(), 0755) == 0);
  const Mounted mounted(temp.path());
  make_database(mounted.file("secret.db"), {0, 0}, 0600);
  // Root's view of a descriptor that the other user opened, as a set-user-id program has it.
  const int child = ::fork();
  if (child == 0) {
    if (::seteuid(kOther.user) != 0) ::_exit(2);
    const int status = ::open(mounted.file(".litetool-status").c_str(), O_RDONLY | O_CLOEXEC);
    if (::seteuid(0) != 0) ::_exit(2);
    char bytes[4096];
    const ssize_t n = ::read(status, bytes, sizeof bytes);
    const std::string_view text(bytes, static_cast<std::size_t>(std::max<ssize_t>(0, n)));
    ::_exit(text.empty() || text.find("secret.db") != text.npos ? 1 : 0);
  }
  int result = -1;
  REQUIRE(::waitpid(child, &result, 0) == child);
  CHECK(result == 0);
}

// Swaps two names for as long as it lives.
class Swapping {
 public:
  Swapping(std::string a, std::string b)
      : thread_([this, a = std::move(a), b = std::move(b)] {
          while (!stop_) {
            (void)::renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE);
          }
        }) {}
  ~Swapping() {
    stop_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

// The names below a directory, with the sizes and modes of what they stand for.
std::string listing(const std::string& directory) {
  std::vector<std::string> lines;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    struct stat st {};
    REQUIRE(::lstat(entry.path().c_str(), &st) == 0);
    std::ostringstream line;
    line << entry.path().string() << " " << st.st_mode << " " << st.st_uid << " " << st.st_size
         << " " << st.st_mtim.tv_sec << "." << st.st_mtim.tv_nsec << "\n";
    lines.push_back(line.str());
  }
  std::ranges::sort(lines);
  std::string text;
  for (const std::string& line : lines) text += line;
  return text;
}

// Everything a client may try in a directory that is sometimes another.
void work_in(const std::string& folder) {
  const auto in = [&](const char* name) { return folder + "/" + name; };
  const int file = ::open(in("new").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0666);
  if (file >= 0) (void)!::write(file, "bad", 3);
  if (file >= 0) ::close(file);
  (void)::chmod(in("target").c_str(), 0777);
  (void)!::chown(in("target").c_str(), 7, 7);
  (void)!::truncate(in("target").c_str(), 0);
  (void)::mkdir(in("made").c_str(), 0777);
  (void)::rename(in("new").c_str(), in("target").c_str());
  (void)::link(in("target").c_str(), in("hard").c_str());
  (void)::unlink(in("target").c_str());
  (void)::unlink(in("hard").c_str());
  (void)::rmdir(in("made").c_str());
  sqlite3* db = nullptr;
  if (sqlite3_open(in("app.db").c_str(), &db) == SQLITE_OK) {
    (void)sqlite3_exec(db, "CREATE TABLE IF NOT EXISTS t(x); INSERT INTO t VALUES(1)", nullptr,
                       nullptr, nullptr);
  }
  (void)sqlite3_close(db);
}

TEST_CASE("a directory that is exchanged beneath the mount never leads out of it") {
  const TempDir temp;
  REQUIRE(::chmod(temp.path().c_str(), 0755) == 0);
  const std::string source = temp.file("source");
  const std::string shown = temp.file("shown");
  const std::string outside = temp.file("outside");
  for (const std::string& path : {source, shown, outside, source + "/d"}) {
    REQUIRE(::mkdir(path.c_str(), 0777) == 0);
  }
  for (const char* name : {"target", "app.db-wal", "app.db-journal"}) {
    write_file(outside + "/" + name, as_bytes("theirs"));
  }
  { SqliteSession(outside + "/app.db").exec("CREATE TABLE theirs(x)"); }
  REQUIRE(::symlink("../outside", (source + "/e").c_str()) == 0);
  const std::string before = listing(outside);
  const std::string ready = run_as({0, 0}, [&] {
    const std::string command = std::string(LITETOOL_BINARY) + " mount -q --daemon --source " +
                                source + " " + shown + " >/dev/null 2>&1";
    return std::to_string(std::system(command.c_str()));
  });
  REQUIRE(ready == "0");
  {
    const Swapping swapping(source + "/d", source + "/e");
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(2);
    // As another user: the client's own look-ups must not follow the link to there.
    REQUIRE(::chmod(outside.c_str(), 0700) == 0);
    (void)run_as(kOther, [&] {
      while (std::chrono::steady_clock::now() < end) work_in(shown + "/d");
      return std::string();
    });
  }
  REQUIRE(::chmod(outside.c_str(), 0777) == 0);
  (void)std::system((std::string(LITETOOL_BINARY) + " unmount -q --lazy " + shown).c_str());
  CHECK(listing(outside) == before);
}

}  // namespace
}  // namespace litetool::test
