#include "core/ltx/file_set.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/support/temp_dir.h"

namespace litetool {
namespace {

using test::TempDir;
using test::write_file;

std::vector<std::string> paths_of(const FileSet& set) {
  std::vector<std::string> paths;
  for (const LtxFile& f : set.files) paths.push_back(f.path);
  return paths;
}

}  // namespace

TEST_CASE("file set: a folder yields its LTX files by name, then those of folders below") {
  const TempDir dir;
  std::filesystem::create_directories(dir.file("sub"));
  for (const char* name : {"b.ltx", "a.ltxs", "x.ltx.tmp", "notes.txt", "sub/c.ltx"}) {
    write_file(dir.file(name), as_bytes("12345"));
  }
  const FileSet set = collect_files(posix_env(), {dir.path() + "/"});
  CHECK(paths_of(set) == std::vector{dir.file("a.ltxs"), dir.file("b.ltx"), dir.file("sub/c.ltx")});
  CHECK(set.files[0].segment);
  CHECK_FALSE(set.files[1].segment);
  CHECK(set.files[2].folder() == dir.file("sub"));
  CHECK(set.files[2].name() == "c.ltx");
  CHECK(set.total_bytes == 15);
  CHECK(set.temporary_count == 1);
  CHECK(set.foreign_count == 1);
  CHECK(set.unread.empty());
}

TEST_CASE("file set: a named file is taken whatever its name is, a missing one is told") {
  const TempDir dir;
  write_file(dir.file("anything"), as_bytes("x"));
  const FileSet set = collect_files(posix_env(), {dir.file("anything"), dir.file("gone")});
  CHECK(paths_of(set) == std::vector{dir.file("anything")});
  CHECK(set.files[0].named);
  REQUIRE(set.unread.size() == 1);
  CHECK(set.unread[0].error.code == Errc::kNotFound);
}

TEST_CASE("file set: loops of links end, dangling links and quarantine are passed over") {
  const TempDir dir;
  std::filesystem::create_directories(dir.file("a/b"));
  std::filesystem::create_directories(dir.file("quarantine"));
  write_file(dir.file("a/b/1.ltx"), as_bytes("x"));
  write_file(dir.file("quarantine/2.ltx"), as_bytes("x"));
  std::filesystem::create_directory_symlink(dir.file("a"), dir.file("a/b/up"));
  std::filesystem::create_symlink(dir.file("nowhere"), dir.file("dangling.ltx"));
  const FileSet set = collect_files(posix_env(), {dir.path()});
  CHECK(paths_of(set) == std::vector{dir.file("a/b/1.ltx")});
  CHECK(set.foreign_count == 2);
}

TEST_CASE("file set: a folder is looked at once, however many links lead to it") {
  const TempDir dir;
  std::string path = dir.path();
  for (int i = 0; i < 40; ++i) {
    std::filesystem::create_directory(path + "/d");
    for (const char* link : {"e", "f"}) {
      std::filesystem::create_directory_symlink("d", path + "/" + link);
    }
    path += "/d";
  }
  write_file(path + "/1.ltx", as_bytes("x"));
  CHECK(collect_files(posix_env(), {dir.path()}).files.size() == 1);
  CHECK(collect_files(posix_env(), {dir.path(), dir.path()}).files.size() == 2);
}

TEST_CASE("file set: folders deeper than the limit are told, not followed") {
  const TempDir dir;
  std::string path = dir.path();
  for (int i = 0; i < 70; ++i) path += "/d";
  std::filesystem::create_directories(path);
  const FileSet set = collect_files(posix_env(), {dir.path()});
  REQUIRE(set.unread.size() == 1);
  CHECK(set.unread[0].error.code == Errc::kUnsupported);
}

}  // namespace litetool
