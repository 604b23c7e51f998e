#include "core/os/atomic_file.h"

#include <stdlib.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

namespace litetool {
namespace {

namespace fs = std::filesystem;

struct Folder {
  Folder() {
    std::string name = (fs::temp_directory_path() / "litetool-atomic-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path); }
  std::string file(const std::string& name) const { return (path / name).string(); }
  fs::path path;
};

std::string contents(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::size_t entries(const fs::path& path) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(path), {}));
}

}  // namespace

TEST_CASE("atomic file: nothing shows before commit, everything after") {
  const Folder folder;
  {
    auto file = AtomicFile::create(posix_env(), folder.file("out"), false);
    REQUIRE(file);
    REQUIRE(file->write(as_bytes("hello ")));
    REQUIRE(file->write(as_bytes("world")));
    CHECK_FALSE(fs::exists(folder.file("out")));
    REQUIRE(file->commit());
  }
  CHECK(contents(folder.file("out")) == "hello world");
  CHECK(entries(folder.path) == 1);
}

TEST_CASE("atomic file: without commit no trace is left and the old file stays") {
  const Folder folder;
  std::ofstream(folder.file("out")) << "old";
  {
    auto file = AtomicFile::create(posix_env(), folder.file("out"), true);
    REQUIRE(file);
    REQUIRE(file->write(as_bytes("new")));
  }
  CHECK(contents(folder.file("out")) == "old");
  CHECK(entries(folder.path) == 1);
}

TEST_CASE("atomic file: an existing target needs force, also when it appears late") {
  const Folder folder;
  auto early = AtomicFile::create(posix_env(), folder.file("out"), false);
  REQUIRE(early);
  std::ofstream(folder.file("out")) << "other";
  const Status late = early->commit();
  REQUIRE_FALSE(late);
  CHECK(late.error().code == Errc::kExists);
  const auto again = AtomicFile::create(posix_env(), folder.file("out"), false);
  REQUIRE_FALSE(again);
  CHECK(again.error().code == Errc::kExists);
  CHECK(contents(folder.file("out")) == "other");
}

TEST_CASE("atomic file: a replaced file keeps its permissions") {
  const Folder folder;
  std::ofstream(folder.file("out")) << "old";
  fs::permissions(folder.file("out"), fs::perms::owner_read | fs::perms::owner_write);
  auto file = AtomicFile::create(posix_env(), folder.file("out"), true);
  REQUIRE(file);
  REQUIRE(file->write(as_bytes("new")));
  REQUIRE(file->commit());
  CHECK(contents(folder.file("out")) == "new");
  CHECK(fs::status(folder.file("out")).permissions() ==
        (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("atomic file: what is not finished has a name that tells of what it will be") {
  const Folder folder;
  const auto file = AtomicFile::create(posix_env(), folder.file("out"), false);
  REQUIRE(file);
  CHECK(target_of_unfinished(file->temp_path()) == folder.file("out"));
  CHECK(target_of_unfinished("a.tmp-1-2.tmp-3-4") == "a.tmp-1-2");
  for (const char* other : {"out", "out.tmp", "out.tmp-", "out.tmp-1", "out.tmp-1-", "out.tmp--1",
                            "out.tmp-1-2-3", "out.tmp-1-2x", ".tmp-1-2"}) {
    CAPTURE(other);
    CHECK_FALSE(target_of_unfinished(other));
  }
}

TEST_CASE("atomic file: a missing folder is named") {
  const auto file = AtomicFile::create(posix_env(), "/nonexistent-folder/out", false);
  REQUIRE_FALSE(file);
  CHECK(file.error().code == Errc::kNotFound);
  CHECK(file.error().message.find("/nonexistent-folder/out") != std::string::npos);
}

TEST_CASE("posix env: append continues where the file ends; a pipe is refused") {
  const Folder folder;
  auto file = posix_env().open(kCwd, folder.file("seg"), OpenMode::kCreateNew);
  REQUIRE(file);
  REQUIRE((*file)->append({as_bytes("ab"), as_bytes(""), as_bytes("cd")}));
  REQUIRE((*file)->append({as_bytes("ef")}));
  CHECK((*file)->size() == 6);
  CHECK(contents(folder.file("seg")) == "abcdef");
  const auto directory = posix_env().open(kCwd, folder.path.string(), OpenMode::kRead);
  REQUIRE_FALSE(directory);
  CHECK(directory.error().code == Errc::kUsage);
}

}  // namespace litetool
