#include "core/source/find_source.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/support/temp_dir.h"

namespace litetool {
namespace {

// Folders and empty files: finding looks at names only.
struct Tree {
  test::TempDir dir;

  std::string at(const std::string& path) const { return dir.path() + "/" + path; }
  Tree& file(const std::string& path) {
    std::filesystem::create_directories(std::filesystem::path(at(path)).parent_path());
    test::write_file(at(path), {});
    return *this;
  }
  // "kind name folder folder...", folders relative to the tree; or the code of the error.
  std::string find(const std::string& path) const {
    const auto place = find_source(posix_env(), at(path));
    if (!place) return "error " + std::to_string(static_cast<int>(place.error().code));
    std::string text = std::string(source_kind_name(place->kind)) + " " + place->name;
    for (const std::string& folder : place->folders) {
      text += " " + std::filesystem::path(folder).lexically_relative(dir.path()).string();
    }
    return text;
  }
};

const std::string kNone = "error " + std::to_string(static_cast<int>(Errc::kNotFound));
const std::string kSeveral = "error " + std::to_string(static_cast<int>(Errc::kUsage));

}  // namespace

TEST_CASE("find source: a mounted directory, its history, its databases") {
  Tree t;
  t.file("data/.litetool/db/sub%2Fapp.db/0000000000000001.ltxs").file("data/sub/x");
  const std::string want = "litetool sub/app.db data/.litetool/db/sub%2Fapp.db";
  CHECK(t.find("data/sub/app.db") == want);  // the database is gone
  CHECK(t.find("data") == want);
  CHECK(t.find("data/.litetool") == want);
  CHECK(t.find("data/.litetool/db/sub%2Fapp.db") == want);
  std::filesystem::remove_all(t.at("data/sub"));
  CHECK(t.find("data/sub/app.db") == want);  // and its folder too
  CHECK(t.find("data/other.db") == kNone);
  CHECK(t.find("elsewhere.db") == kNone);
  CHECK(t.find("nowhere/app.db") == kNone);
  t.file("data/.litetool/db/b.db/0000000000000001.ltxs");
  CHECK(t.find("data") == kSeveral);
  CHECK(t.find("data/b.db") == "litetool b.db data/.litetool/db/b.db");
}

TEST_CASE("find source: a history that lies apart from its directory") {
  Tree t;
  t.file("history/db/sub%2Fapp.db/0000000000000001.ltxs").file("data/sub/app.db");
  CHECK(t.find("history") == kNone);  // nothing says that it is one
  const std::string identity =
      "litetool history 1\nid 4f0c35a1de907b62\ndirectory " + t.at("data") + "\n";
  test::write_file(t.at("history/identity"), as_bytes(identity));
  const std::string want = "litetool sub/app.db history/db/sub%2Fapp.db";
  CHECK(t.find("history") == want);
  CHECK(t.find("history/") == want);
  CHECK(t.find("history/sub/app.db") == want);
  CHECK(t.find("history/app.db") == kNone);
  CHECK(t.find("data/sub/app.db") == kNone);
  test::write_file(t.at("history/identity"), as_bytes("litetool history 2\n"));
  const std::string newer = "error " + std::to_string(static_cast<int>(Errc::kUnsupported));
  CHECK(t.find("history") == newer);
  CHECK(t.find("history/sub/app.db") == newer);
}

TEST_CASE("find source: LiteFS") {
  Tree t;
  t.file("fs/dbs/app/ltx/0000000000000001-0000000000000001.ltx").file("fs/dbs/app/database");
  const std::string want = "litefs app fs/dbs/app/ltx";
  CHECK(t.find("fs") == want);
  CHECK(t.find("fs/") == want);
  CHECK(t.find("fs/dbs/app") == want);
  CHECK(t.find("fs/dbs/app/database") == want);
  CHECK(t.find("fs/dbs/app/ltx") == "ltx ltx fs/dbs/app/ltx");
  t.file("fs/dbs/b/ltx/x");
  CHECK(t.find("fs") == kSeveral);
}

TEST_CASE("find source: Litestream in both spellings") {
  Tree t;
  t.file("replica/ltx/0/a.ltx").file("replica/ltx/9/b.ltx").file("bucket/0000/a.ltx");
  CHECK(t.find("replica") == "litestream replica replica/ltx/0 replica/ltx/9");
  CHECK(t.find("replica/ltx") == "litestream ltx replica/ltx/0 replica/ltx/9");
  CHECK(t.find("bucket") == "litestream bucket bucket/0000");
}

TEST_CASE("find source: files and folders of files") {
  Tree t;
  t.file("plain/a.ltx").file("plain/b.txt").file("other/b.txt");
  CHECK(t.find("plain") == "ltx plain plain");
  CHECK(t.find("plain/a.ltx") == "ltx a.ltx plain/a.ltx");
  CHECK(t.find("other") == kNone);
  CHECK(t.find("plain/missing.ltx") == kNone);
}

}  // namespace litetool
