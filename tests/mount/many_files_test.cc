// More files than litetool may have descriptors.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <filesystem>
#include <iterator>

#include "mount/mounted.h"
#include "support/sqlite_session.h"
#include "support/temp_dir.h"

namespace litetool::test {
namespace {

namespace fs = std::filesystem;

constexpr rlim_t kFew = 300;
constexpr int kMany = 1000;

std::string name_of(int i) {
  return "d" + std::to_string(i % 7) + "/" + std::to_string(i);
}

// Files, a link to each, and folders that are there before the mount.
void make_many(const std::string& folder) {
  for (int i = 0; i < 7; ++i) fs::create_directory(folder + "/d" + std::to_string(i));
  for (int i = 0; i < kMany; ++i) {
    const std::string path = folder + "/" + name_of(i);
    write_file(path, as_bytes(std::to_string(i)));
    fs::create_symlink(std::to_string(i), path + ".link");
  }
}

// Whatever else the kernel knows was used longer ago, afterwards.
void use_all(const std::string& folder) {
  for (int i = 0; i < kMany; ++i) {
    const std::string path = folder + "/" + name_of(i);
    REQUIRE(text_of(path) == std::to_string(i));
    REQUIRE(fs::read_symlink(path + ".link") == std::to_string(i));
  }
}

std::size_t descriptors_of(int pid) {
  const fs::directory_iterator open("/proc/" + std::to_string(pid) + "/fd");
  return static_cast<std::size_t>(std::distance(fs::begin(open), fs::end(open)));
}

Mounted mounted_with_few(const TempDir& temp) {
  return Mounted(temp.path(), Mounted::Tier::kPassthrough, {kFew, kFew});
}

TEST_CASE("a daemon takes as many descriptors as it may") {
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  limit.rlim_cur = kFew;
  const TempDir temp;
  const Mounted mounted(temp.path(), Mounted::Tier::kPassthrough, limit);
  for (int i = 0; i < 3000; ++i) {
    const std::string name = mounted.file(std::to_string(i));
    write_file(name, as_bytes("x"));
    REQUIRE(::access(name.c_str(), R_OK) == 0);
  }
  CHECK(descriptors_of(mounted.pid()) > kFew);
}

TEST_CASE("more files than descriptors can be read, changed, renamed and removed") {
  const TempDir temp;
  make_many(temp.path());
  const Mounted mounted = mounted_with_few(temp);
  use_all(mounted.path());
  CHECK(descriptors_of(mounted.pid()) < kFew);
  for (int i = 0; i < kMany; ++i) {
    const std::string path = mounted.file(name_of(i));
    REQUIRE(text_of(path) == std::to_string(i));
    REQUIRE(fs::read_symlink(path + ".link") == std::to_string(i));
    REQUIRE(::chmod(path.c_str(), 0640) == 0);
    REQUIRE(::setxattr(path.c_str(), "user.number", &i, sizeof i, 0) == 0);
    REQUIRE(::truncate(path.c_str(), 0) == 0);
    REQUIRE(::link(path.c_str(), (path + ".hard").c_str()) == 0);
    REQUIRE(::rename(path.c_str(), (path + ".moved").c_str()) == 0);
  }
  for (int i = 0; i < kMany; ++i) {
    const std::string path = mounted.file(name_of(i));
    struct stat st {};
    REQUIRE(::stat((path + ".moved").c_str(), &st) == 0);
    REQUIRE(st.st_nlink == 2);
    REQUIRE(st.st_size == 0);
    REQUIRE((st.st_mode & 07777) == 0640);
    for (const char* ending : {".moved", ".hard", ".link"}) {
      REQUIRE(::unlink((path + ending).c_str()) == 0);
    }
  }
  for (int i = 0; i < 7; ++i) CHECK(::rmdir(mounted.file("d" + std::to_string(i)).c_str()) == 0);
  CHECK(descriptors_of(mounted.pid()) < kFew);
}

TEST_CASE("a file whose descriptor was given up is found after its folder was renamed") {
  const TempDir temp;
  make_many(temp.path());
  const Mounted mounted = mounted_with_few(temp);
  use_all(mounted.path());
  REQUIRE(::rename(mounted.file("d0").c_str(), mounted.file("d1/e").c_str()) == 0);
  for (int i = 0; i < kMany; i += 7) {
    CHECK(text_of(mounted.file("d1/e/" + std::to_string(i))) == std::to_string(i));
  }
}

TEST_CASE("a file whose descriptor was given up is found when one of its two names is gone") {
  const TempDir temp;
  make_many(temp.path());
  write_file(temp.file("first"), as_bytes("both"));
  fs::create_hard_link(temp.file("first"), temp.file("second"));
  const Mounted mounted = mounted_with_few(temp);
  struct stat st {};
  REQUIRE(::stat(mounted.file("first").c_str(), &st) == 0);
  REQUIRE(::stat(mounted.file("second").c_str(), &st) == 0);
  use_all(mounted.path());
  REQUIRE(::unlink(mounted.file("second").c_str()) == 0);
  use_all(mounted.path());
  CHECK(text_of(mounted.file("first")) == "both");
}

// Of two names of one file the kernel knows the second one last, so that is the one we remember.
TEST_CASE("what took the name of a file whose descriptor was given up is another file") {
  const TempDir temp;
  make_many(temp.path());
  write_file(temp.file("other"), as_bytes("old"));
  fs::create_hard_link(temp.file("other"), temp.file("kept"));
  const Mounted mounted = mounted_with_few(temp);
  CHECK(text_of(mounted.file("other")) == "old");
  const int kept = ::open(mounted.file("kept").c_str(), O_PATH | O_CLOEXEC);
  REQUIRE(kept >= 0);
  use_all(mounted.path());
  write_file(mounted.file("new"), as_bytes("new"));
  REQUIRE(::rename(mounted.file("new").c_str(), mounted.file("kept").c_str()) == 0);
  use_all(mounted.path());
  CHECK(text_of(mounted.file("kept")) == "new");
  const std::string old = "/proc/self/fd/" + std::to_string(kept);
  CHECK(::open(old.c_str(), O_RDONLY | O_CLOEXEC) < 0);
  CHECK(errno == ESTALE);
  ::close(kept);
  CHECK(text_of(mounted.file("other")) == "old");
}

TEST_CASE("databases among more files than descriptors are captured") {
  const TempDir temp;
  make_many(temp.path());
  const Mounted mounted = mounted_with_few(temp);
  SqliteSession app(mounted.file("d3/app.db"));
  app.exec("PRAGMA journal_mode = WAL; CREATE TABLE t(x)");
  use_all(mounted.path());
  app.exec("INSERT INTO t VALUES (1)");
  use_all(mounted.path());
  { SqliteSession(mounted.file("d3/app.db")).exec("INSERT INTO t VALUES (2)"); }
  CHECK(app.value("SELECT count(*) FROM t") == "2");
  CHECK(text_of(mounted.file("d3/app.db-pos")).starts_with("0000000000000004/"));
}

}  // namespace
}  // namespace litetool::test
