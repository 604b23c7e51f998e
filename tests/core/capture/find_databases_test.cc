// Which files of a directory are found to be databases, many folders and files of them.
#include "core/capture/find_databases.h"

#include <fcntl.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <set>
#include <string>

#include "core/os/unique_fd.h"
#include "formats/base/bytes.h"
#include "tests/support/temp_dir.h"

namespace litetool::test {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMany = 1000;

class Tree {
 public:
  Tree() : root_(::open(temp_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    REQUIRE(root_.valid());
  }

  void put(const std::string& path, const std::string& content) const {
    fs::create_directories(fs::path(temp_.file(path)).parent_path());
    write_file(temp_.file(path), as_bytes(content));
  }
  void put_database(const std::string& path) const {
    put(path, std::string("SQLite format 3\0rest", 20));
  }
  std::string file(const std::string& path) const { return temp_.file(path); }

  // Each path is found once.
  std::set<std::string> find(const std::atomic<bool>& stop = false) const {
    std::set<std::string> all;
    find_databases(posix_env(), root_.get(), stop,
                   [&](const std::string& path) { CHECK(all.insert(path).second); });
    return all;
  }

 private:
  const TempDir temp_;
  const UniqueFd root_;
};

TEST_CASE("find_databases: by how a file begins") {
  const Tree tree;
  tree.put_database("a.db");
  tree.put_database("no suffix");
  tree.put_database("x/y/b.db");
  tree.put_database(".litetool/db/a/base");
  tree.put_database("x/.litetool/c");
  tree.put_database("a.db-journal");
  tree.put("empty", "");
  tree.put("only-log", "");
  tree.put("only-log-wal", "frames");
  tree.put("short", "SQLite");
  tree.put("text", "SQLite format 2, or so");
  fs::create_directory_symlink("x", tree.file("to-folder"));
  fs::create_symlink("a.db", tree.file("to-file"));
  CHECK(tree.find() ==
        std::set<std::string>{"a.db", "no suffix", "only-log", "x/.litetool/c", "x/y/b.db"});
}

TEST_CASE("find_databases: all of many") {
  const Tree tree;
  std::set<std::string> all;
  for (std::size_t i = 0; i < kMany; ++i) {
    const std::string name =
        (i % 3 == 0 ? "flat/" : "f" + std::to_string(i % 7) + "/sub/") + "file" + std::to_string(i);
    if (i % 2 == 0) {
      tree.put_database(name);
      all.insert(name);
    } else {
      tree.put(name, "text");
    }
  }
  CHECK(tree.find() == all);
  const std::atomic<bool> stop = true;
  CHECK(tree.find(stop).empty());
}

TEST_CASE("find_databases: as deep as 64 folders") {
  const Tree tree;
  std::string path;
  for (int depth = 1; depth <= 65; ++depth) {
    path += "d/";
    if (depth >= 64) tree.put_database(path + "db");
  }
  CHECK(tree.find() == std::set<std::string>{path.substr(2) + "db"});
}

}  // namespace
}  // namespace litetool::test
