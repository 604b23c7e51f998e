#include "core/os/beneath.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <thread>

#include "core/os/env.h"
#include "tests/support/temp_dir.h"

namespace litetool::test {
namespace {

// A directory "in" and one "out" beside it, with links from the one to the other.
struct Place {
  Place() {
    for (const char* name : {"in", "in/sub", "out"}) {
      REQUIRE(::mkdir(temp.file(name).c_str(), 0755) == 0);
    }
    write_file(temp.file("in/file"), as_bytes("in"));
    write_file(temp.file("out/file"), as_bytes("out"));
    REQUIRE(::symlink("../out", temp.file("in/away").c_str()) == 0);
    REQUIRE(::symlink("file", temp.file("in/link").c_str()) == 0);
    REQUIRE(::symlink("sub", temp.file("in/near").c_str()) == 0);
    dir = UniqueFd(::open(temp.file("in").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  }
  std::string text_out() const {
    const Buffer bytes = read_file(temp.file("out/file"));
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  std::size_t names_out() const { return posix_env().list(kCwd, temp.file("out"))->size(); }

  TempDir temp;
  UniqueFd dir;
};

TEST_CASE("below a directory no symbolic link and no .. leads on") {
  const Place place;
  Env& env = posix_env();
  const int dir = place.dir.get();
  CHECK(env.open(dir, "file", OpenMode::kRead));
  CHECK(env.open(dir, "sub/../file", OpenMode::kRead));
  for (const char* path : {"link", "away/file", "near/file", "../out/file", "sub/../../out/file"}) {
    INFO(path);
    for (const OpenMode how : {OpenMode::kRead, OpenMode::kReadWrite, OpenMode::kCreate}) {
      CHECK_FALSE(env.open(dir, path, how, 0600));
    }
    CHECK_FALSE(env.stat(dir, path));
    CHECK_FALSE(env.rename(dir, "file", path == std::string("link") ? "away/x" : path));
  }
  for (const char* path : {"away", "..", "sub/../..", "near"}) {
    INFO(path);
    CHECK_FALSE(env.list(dir, path));
    CHECK_FALSE(env.sync_dir(dir, path));
    CHECK_FALSE(env.make_dirs(dir, std::string(path) + "/new"));
    CHECK_FALSE(env.unlink(dir, std::string(path) + "/file"));
    CHECK_FALSE(env.remove_dir(dir, std::string(path) + "/out"));
  }
  CHECK(S_ISLNK(env.lstat(dir, "link")->st_mode));
  CHECK(place.text_out() == "out");
  CHECK(place.names_out() == 1);
}

TEST_CASE("a path of the command line is looked up as usual") {
  const Place place;
  CHECK(posix_env().open(kCwd, place.temp.file("in/away/file"), OpenMode::kRead));
  CHECK(posix_env().stat(kCwd, place.temp.file("in/../in/link")));
}

TEST_CASE("a directory that turns into a link and back never leads out") {
  const Place place;
  REQUIRE(::symlink("../out", place.temp.file("in/other").c_str()) == 0);
  std::atomic<bool> stop = false;
  std::thread swapping([&] {
    const std::string sub = place.temp.file("in/sub");
    const std::string other = place.temp.file("in/other");
    while (!stop) {
      (void)::renameat2(AT_FDCWD, sub.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE);
    }
  });
  Env& env = posix_env();
  int made = 0;
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(500);
  while (std::chrono::steady_clock::now() < end) {
    const int dir = place.dir.get();
    if (auto file = env.open(dir, "sub/new", OpenMode::kCreate, 0600)) {
      ++made;
      (void)(*file)->write_at(as_bytes("bad"), 0);
    }
    (void)env.make_dirs(dir, "sub/folder");
    (void)env.rename(dir, "sub/new", "sub/file");
    (void)env.unlink(dir, "sub/file");
  }
  stop = true;
  swapping.join();
  CHECK(made > 0);
  CHECK(place.text_out() == "out");
  CHECK(place.names_out() == 1);
}

}  // namespace
}  // namespace litetool::test
