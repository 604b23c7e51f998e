// Which part of the file system that the daemon serves is put over the mount point.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <stdexcept>

#include "mount/client_process.h"
#include "mount/mounted.h"
#include "support/sqlite_session.h"
#include "support/temp_dir.h"

namespace litetool::test {
namespace {

// In a directory that is not "/", so that what is above it can be looked at.
std::string new_directory(const TempDir& temp) {
  std::string directory = temp.file("data");
  REQUIRE(::mkdir(directory.c_str(), 0755) == 0);
  return directory;
}

TEST_CASE("a mount is one mount, and nothing lies above the served directory in it") {
  const TempDir temp;
  const std::string directory = new_directory(temp);
  Mounted mounted(directory);
  CHECK(directories_shown_at(directory).size() == 1);
  struct stat above {};
  struct stat place {};
  REQUIRE(::stat((directory + "/..").c_str(), &above) == 0);
  REQUIRE(::stat(temp.path().c_str(), &place) == 0);
  CHECK(above.st_ino == place.st_ino);
  CHECK(above.st_dev == place.st_dev);
  CHECK(mounted.unmount() == 0);
  CHECK(directories_shown_at(directory).empty());
}

TEST_CASE("a daemon that is killed leaves one dead mount", "[crash]") {
  const TempDir temp;
  const std::string directory = new_directory(temp);
  // What the first request after a death is told depends on how far the kernel has come.
  for (int death = 0; death < 10; ++death) {
    Mounted mounted(directory);
    CHECK(directories_shown_at(directory).size() == 1);
    mounted.kill_and_leave();
    CHECK(directories_shown_at(directory).size() == 1);
  }
  Mounted again(directory);
  CHECK(directories_shown_at(directory).size() == 1);
  CHECK(again.unmount() == 0);
  CHECK(directories_shown_at(directory).empty());
}

// --- where the kernel does not let a part of a hidden mount be shown

void must(const std::string& command) {
  if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
}

std::string mount_and_write(const std::string& directory) {
  const std::string litetool = LITETOOL_BINARY;
  must(litetool + " mount -q --daemon " + directory);
  std::string said;
  try {
    for (const std::string& root : directories_shown_at(directory)) said += root + " ";
    SqliteSession session(directory + "/app.db");
    session.exec("PRAGMA journal_mode=WAL");
    session.exec("CREATE TABLE t(x)");
    struct stat st {};
    said += ::stat((directory + "/app.db-wal").c_str(), &st) == 0 ? "log " : "";
    said += ::mkdir((directory + "/.litetool/mine").c_str(), 0700) == 0 ? "" : "protected";
  } catch (const std::exception& error) {
    said += error.what();
  }
  must(litetool + " unmount -q --lazy " + directory);
  return said;
}

// No part of "/" can be had here any more, which is what old kernels and strict rules look like.
bool forbid_parts() {
  return ::unshare(CLONE_NEWNS) == 0 &&
         ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount(nullptr, "/", nullptr, MS_UNBINDABLE, nullptr) == 0;
}

// It is none below chroot(2).
bool root_is_a_mount() {
  struct statx stx {};
  return ::statx(AT_FDCWD, "/", 0, STATX_BASIC_STATS, &stx) == 0 &&
         (stx.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

TEST_CASE("where no part of a hidden mount can be shown, all of it is mounted") {
  if (!root_is_a_mount()) {
    WARN("SKIP: / is no mount here (chroot), whose parts could be forbidden");
    return;
  }
  const TempDir temp;
  const std::string directory = new_directory(temp);
  const Person root{0, 0};
  CHECK(run_as(
            root, [&] { return mount_and_write(directory); }, forbid_parts) == "/ log protected");
}

}  // namespace
}  // namespace litetool::test
