#include "core/history/sweep.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/support/temp_dir.h"

namespace litetool::test {

TEST_CASE("sweep: unfinished files go, and what is not the history's own stays") {
  const TempDir temp;
  const auto make = [&](const std::string& name) {
    std::filesystem::create_directories(std::filesystem::path(temp.file(name)).parent_path());
    write_file(temp.file(name), {});
  };
  const std::vector<std::string> ours = {
      "identity",
      "node",
      "rename",
      "log",
      "log.1",
      "config.toml",
      "db/app.db/0000000000000001.ltxs",
      "db/app.db/0000000000000001-0000000000000002-0000000000000002.ltxs",
      "db/app.db/0000000000000001-0000000000000004.ltx",
      "db/app.db/marks",
      "db/app.db/tags",
      "db/app.db/boot",
      "db/app.db/damaged",
      "db/app.db/checksums",
      "db/app.db/quarantine/anything.new"};
  const std::vector<std::string> unfinished = {
      "identity.new", "db/app.db/checksums.new",
      "db/app.db/0000000000000001-0000000000000004.ltx.tmp-41-0"};
  for (const std::string& name : ours) make(name);
  for (const std::string& name : unfinished) make(name);
  std::vector<std::string> warnings;
  const auto warn = [&](const std::string& text) { warnings.push_back(text); };
  const HistoryRoot root{kCwd, temp.path()};
  sweep_history(posix_env(), root, warn);
  CHECK(warnings.empty());
  for (const std::string& name : unfinished) CHECK_FALSE(std::filesystem::exists(temp.file(name)));
  const std::vector<std::string> strays = {"photo.jpg", "db/app.db/photo.jpg.new",
                                           "db/app.db/x.tmp-1-0", "db/file"};
  for (const std::string& name : strays) make(name);
  sweep_history(posix_env(), root, warn);
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0] == "not of the history, and left alone: " + temp.file("photo.jpg") + ", " +
                           temp.file("db/app.db/photo.jpg.new") + ", " +
                           temp.file("db/app.db/x.tmp-1-0") + " and 1 more");
  for (const std::string& name : ours) CHECK(std::filesystem::exists(temp.file(name)));
  for (const std::string& name : strays) CHECK(std::filesystem::exists(temp.file(name)));
}

}  // namespace litetool::test
