// The names of points: only whole lines count, the last one of a name wins, and a point that is
// being merged away cannot be named.
#include "core/history/tags.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "core/history/layout.h"
#include "core/history/retention.h"
#include "tests/support/temp_dir.h"

namespace litetool::test {
namespace {

const Job kJob{posix_env()};

// A history with transactions 1 and 2, for which names can be made.
struct Folder {
  TempDir dir;
  Folder() {
    const std::string golden = std::string(LITETOOL_GOLDEN_DIR) + "/ltx/v0.5.2-";
    write_file(dir.file("0000000000000001-0000000000000001.ltx"), read_file(golden + "snap.ltx"));
    write_file(dir.file("0000000000000002-0000000000000002.ltx"), read_file(golden + "incr.ltx"));
  }
  void write(const std::string& text) const {
    std::ofstream(dir.file("tags"), std::ios::trunc) << text;
  }
  std::string text() const {
    const Buffer bytes = read_file(dir.file("tags"));
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  // "name=txid name=txid", or the code of the error.
  std::string list() const {
    const auto tags = read_tags(posix_env(), kCwd, dir.path());
    if (!tags) return "error " + std::to_string(static_cast<int>(tags.error().code));
    std::string text;
    for (const Tag& tag : *tags) {
      text += (text.empty() ? "" : " ") + tag.name + "=" + std::to_string(tag.txid.value);
    }
    return text;
  }
  Errc add(const std::string& name, std::uint64_t txid, bool move = false) const {
    const Status done = add_tag(kJob, dir.path(), {name, Txid{txid}, 1000}, move);
    return done ? Errc::kFailed : done.error().code;
  }
  Errc remove(const std::string& name) const {
    const auto tag = delete_tag(kJob, dir.path(), name);
    return tag ? Errc::kFailed : tag.error().code;
  }
};

constexpr Errc kFine = Errc::kFailed;  // add() and remove() have no error to show

}  // namespace

TEST_CASE("tags: names are added, moved and deleted") {
  const Folder folder;
  CHECK(folder.list().empty());
  CHECK(folder.remove("a") == Errc::kNotFound);
  CHECK_FALSE(std::filesystem::exists(folder.dir.file("tags")));
  CHECK(folder.add("a", 1) == kFine);
  CHECK(folder.add("b/1.0", 2) == kFine);
  CHECK(folder.list() == "a=1 b/1.0=2");
  CHECK(folder.add("a", 1) == kFine);
  CHECK(folder.add("a", 2) == Errc::kExists);
  CHECK(folder.list() == "a=1 b/1.0=2");
  CHECK(folder.add("a", 2, true) == kFine);
  CHECK(folder.list() == "b/1.0=2 a=2");
  CHECK(folder.remove("b/1.0") == kFine);
  CHECK(folder.remove("b/1.0") == Errc::kNotFound);
  CHECK(folder.list() == "a=2");
  CHECK(folder.add("b/1.0", 1) == kFine);
  CHECK(folder.list() == "a=2 b/1.0=1");
  CHECK(folder.add("two words", 1) == Errc::kUsage);
  CHECK(folder.add("", 1) == Errc::kUsage);
  CHECK(folder.add(std::string(101, 'x'), 1) == Errc::kUsage);
}

TEST_CASE("tags: a point that is not there is not named") {
  const Folder folder;
  CHECK(folder.add("a", 3) == Errc::kNotFound);
  CHECK(folder.list().empty());
  CHECK(folder.add("a", 1) == kFine);
  CHECK(folder.add("a", 3, true) == Errc::kNotFound);
  CHECK(folder.list() == "a=1");
}

TEST_CASE("tags: what was not written to its end is passed over, and written over") {
  const Folder folder;
  folder.write("0000000000000001 1 a\n0000000000000002 2 b");
  CHECK(folder.list() == "a=1");
  CHECK(folder.add("c", 2) == kFine);
  CHECK(folder.list() == "a=1 c=2");
  // A piece that is longer than the line which replaces it.
  folder.write("0000000000000001 1 a\n" + std::string(100, 'x'));
  CHECK(folder.add("c", 2) == kFine);
  CHECK(folder.list() == "a=1 c=2");
  CHECK(folder.add("d", 2) == kFine);
  CHECK(folder.list() == "a=1 c=2 d=2");
}

TEST_CASE("tags: a whole line that is none is damage") {
  const Folder folder;
  for (const char* line :
       {"", "x", "0000000000000001", "0000000000000001 a", "1 1 a", "0000000000000001 1 ",
        "0000000000000001 1 a b", "000000000000000g 1 a", "0000000000000001 x a"}) {
    INFO(line);
    folder.write(std::string(line) + "\n");
    CHECK(folder.list() == "error " + std::to_string(static_cast<int>(Errc::kCorrupt)));
    CHECK(folder.add("c", 2) == Errc::kCorrupt);
    CHECK(folder.text() == std::string(line) + "\n");
  }
}

}  // namespace litetool::test
