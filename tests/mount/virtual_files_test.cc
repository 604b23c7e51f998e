// Files that only the mount has, and the history, which clients may read and not change.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <filesystem>

#include "core/history/tags.h"
#include "mount/mounted.h"
#include "mount/truth.h"
#include "support/sqlite_session.h"
#include "support/temp_dir.h"

namespace litetool::test {
namespace {

// The errno of a call that has to fail.
int error_of(long result) {
  return result < 0 ? errno : 0;
}

int open_error(const std::string& path, int flags) {
  const int file = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
  const int err = error_of(file);
  if (file >= 0) ::close(file);
  return err;
}

TEST_CASE("X-pos tells what was committed before it is read", "[D31]") {
  const auto tier = GENERATE(Mounted::Tier::kPassthrough, Mounted::Tier::kCached);
  const auto mode = GENERATE(as<std::string>(), "WAL", "DELETE", "PERSIST");
  const TempDir temp;
  const Mounted mounted(temp.path(), tier);
  const std::string pos = mounted.file("app.db-pos");
  CHECK(open_error(pos, O_RDONLY) == ENOENT);
  {
    SqliteSession session(mounted.file("app.db"));
    session.exec("PRAGMA journal_mode=" + mode);
    session.exec("CREATE TABLE t(x)");
    const int file = ::open(pos.c_str(), O_RDONLY | O_CLOEXEC);
    REQUIRE(file >= 0);
    const std::uint64_t first = std::stoull(text_of(pos).substr(0, 16), nullptr, 16);
    for (unsigned i = 1; i <= 50; ++i) {
      session.exec("INSERT INTO t VALUES(1)");
      char text[64] = {};
      REQUIRE(::pread(file, text, sizeof text, 0) == 34);  // the open file follows
      CHECK(std::stoull(std::string(text, 16), nullptr, 16) == first + i);
      CHECK(text[16] == '/');
      CHECK(text[33] == '\n');
    }
    ::close(file);
    struct stat st {};
    REQUIRE(::stat(pos.c_str(), &st) == 0);
    CHECK(st.st_size == 34);
  }
  REQUIRE(::unlink(mounted.file("app.db").c_str()) == 0);
  CHECK(open_error(pos, O_RDONLY) == ENOENT);
}

TEST_CASE("virtual files cannot be made, changed or removed, and later creations work", "[D25]") {
  const TempDir temp;
  const Mounted mounted(temp.path());
  { SqliteSession(mounted.file("app.db")).exec("CREATE TABLE t(x)"); }
  const std::string pos = mounted.file("app.db-pos");
  CHECK(open_error(pos, O_CREAT | O_WRONLY) == EACCES);
  CHECK(open_error(pos, O_CREAT | O_EXCL | O_WRONLY) == EEXIST);
  CHECK(error_of(::truncate(pos.c_str(), 0)) == EACCES);
  CHECK(error_of(::chmod(pos.c_str(), 0666)) == EACCES);
  CHECK(error_of(::unlink(pos.c_str())) == EACCES);
  CHECK(error_of(::rename(pos.c_str(), mounted.file("x").c_str())) == EACCES);
  CHECK(error_of(::rename(mounted.file("app.db").c_str(), pos.c_str())) == EACCES);
  CHECK(open_error(mounted.file(".lag"), O_WRONLY) == EACCES);
  CHECK(open_error(mounted.file("new"), O_CREAT | O_WRONLY) == 0);
  CHECK(open_error(mounted.file("new-pos"), O_CREAT | O_WRONLY) == 0);
}

TEST_CASE("the only node has no .primary and no lag, and a real file of a name wins", "[D32]") {
  const TempDir temp;
  const Mounted mounted(temp.path());
  CHECK(open_error(mounted.file(".primary"), O_RDONLY) == ENOENT);
  CHECK(text_of(mounted.file(".lag")) == "+000000000\n");
  struct stat st {};
  REQUIRE(::stat(mounted.file(".lag").c_str(), &st) == 0);
  CHECK(st.st_size == 11);
  write_file(mounted.file("app.db-pos"), as_bytes("mine"));
  { SqliteSession(mounted.file("app.db")).exec("CREATE TABLE t(x)"); }
  CHECK(text_of(mounted.file("app.db-pos")) == "mine");
  REQUIRE(::unlink(mounted.file("app.db-pos").c_str()) == 0);
  CHECK(text_of(mounted.file("app.db-pos")).size() == 34);
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(temp.path())) {
    names.push_back(entry.path().filename());
  }
  std::ranges::sort(names);
  CHECK(names == std::vector<std::string>{".litetool", "app.db"});
}

TEST_CASE("the history can be read through the mount and not changed") {
  const TempDir temp;
  const Mounted mounted(temp.path());
  { SqliteSession(mounted.file("app.db")).exec("CREATE TABLE t(x)"); }
  const std::string folder = mounted.file(".litetool");
  const std::string node = folder + "/node";
  CHECK(text_of(node).size() == 17);
  CHECK(states_in_history(temp.path(), "app.db").size() == 1);
  CHECK(open_error(node, O_WRONLY) == EACCES);
  CHECK(open_error(node, O_RDONLY | O_TRUNC) == EACCES);
  CHECK(open_error(folder + "/x", O_CREAT | O_WRONLY) == EACCES);
  CHECK(open_error(folder, O_TMPFILE | O_WRONLY) == EACCES);
  CHECK(error_of(::unlink(node.c_str())) == EACCES);
  CHECK(error_of(::truncate(node.c_str(), 0)) == EACCES);
  CHECK(error_of(::chmod(folder.c_str(), 0777)) == EACCES);
  CHECK(error_of(::mkdir((folder + "/d").c_str(), 0755)) == EACCES);
  CHECK(error_of(::rmdir((folder + "/db").c_str())) == EACCES);
  CHECK(error_of(::rename(folder.c_str(), mounted.file("moved").c_str())) == EACCES);
  CHECK(error_of(::rename(node.c_str(), mounted.file("moved").c_str())) == EACCES);
  CHECK(error_of(::rename(mounted.file("app.db").c_str(), node.c_str())) == EACCES);
  CHECK(error_of(::link(node.c_str(), mounted.file("linked").c_str())) == EACCES);
  CHECK(error_of(::symlink("x", (folder + "/s").c_str())) == EACCES);
  CHECK(text_of(node).size() == 17);
}

TEST_CASE("tags are the one thing in a history that clients write") {
  const TempDir temp;
  const Mounted mounted(temp.path());
  { SqliteSession(mounted.file("app.db")).exec("CREATE TABLE t(x)"); }
  const std::string folder = mounted.file(".litetool/db/app.db");
  const Job job{posix_env()};
  REQUIRE(add_tag(job, folder, {"first", Txid{1}, 1000}, false));
  REQUIRE(add_tag(job, folder, {"again", Txid{1}, 2000}, false));
  REQUIRE(delete_tag(job, folder, "first"));
  const auto tags = read_tags(posix_env(), kCwd, folder);
  REQUIRE(tags);
  REQUIRE(tags->size() == 1);
  CHECK(tags->front().name == "again");
  const std::string file = folder + "/tags";
  CHECK(error_of(::unlink(file.c_str())) == EACCES);
  CHECK(error_of(::truncate(file.c_str(), 0)) == EACCES);
  CHECK(error_of(::rename(file.c_str(), mounted.file("moved").c_str())) == EACCES);
  // Whatever it looks like, it is no database.
  const int fd = ::open(file.c_str(), O_WRONLY | O_CLOEXEC);
  REQUIRE(fd >= 0);
  const Buffer bytes = read_file(mounted.file("app.db"));
  CHECK(::pwrite(fd, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
  ::close(fd);
  CHECK_FALSE(std::filesystem::exists(mounted.file(".litetool/db/.litetool%2Fdb%2Fapp.db%2Ftags")));
}

}  // namespace
}  // namespace litetool::test
