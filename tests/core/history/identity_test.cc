#include "core/history/identity.h"

#include <fcntl.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "core/os/unique_fd.h"
#include "tests/support/fault_env.h"
#include "tests/support/temp_dir.h"

namespace litetool {
namespace {

const HistoryIdentity kSample = {0x4f0c35a1de907b62, {"/srv/a%\nb", 1311, 1764403200123456789}};
const std::string kText =
    "litetool history 1\nid 4f0c35a1de907b62\ndirectory /srv/a%25%0Ab\ninode 1311\n"
    "born 1764403200123456789\n";

Errc code_of(const std::string& text) {
  const auto parsed = parse_identity(text);
  return parsed ? Errc::kFailed : parsed.error().code;
}

// A history and the directories that claim it, by paths that need not exist.
struct Claims {
  test::TempDir temp;
  std::string history = temp.file("history");

  Claims() { std::filesystem::create_directory(history); }

  // The note, or "error N".
  std::string claim(const DirectoryId& directory, bool adopt = false) const {
    const auto done =
        claim_history(posix_env(), HistoryRoot{kCwd, history, true}, directory, adopt);
    return done ? *done : "error " + std::to_string(static_cast<int>(done.error().code));
  }
  HistoryIdentity identity() const {
    const auto read = read_identity(posix_env(), HistoryRoot{kCwd, history});
    REQUIRE(read);
    return read->value_or(HistoryIdentity{});
  }
};

const std::string kOther = "error " + std::to_string(static_cast<int>(Errc::kBrokenChain));

}  // namespace

TEST_CASE("identity: text and back") {
  CHECK(identity_text(kSample) == kText);
  const auto parsed = parse_identity(kText + "colour green\n");
  REQUIRE(parsed);
  CHECK(parsed->id == kSample.id);
  CHECK(parsed->directory.path == kSample.directory.path);
  CHECK(parsed->directory.is_same_inode(kSample.directory));
}

TEST_CASE("identity: a later format, and what is none") {
  CHECK(code_of("litetool history 2\n") == Errc::kUnsupported);
  CHECK(code_of("litetool history 2\nall else is new\n") == Errc::kUnsupported);
  for (const char* text : {"", "litetool history", "litetool history 0\n", "litetool history x\n",
                           "litetool history 1\n", "litetool history 1\nid 0\n",
                           "litetool history 1\nid 4f0c35a1de907b62\ndirectory srv\n"}) {
    INFO(text);
    CHECK(code_of(text) == Errc::kCorrupt);
  }
}

TEST_CASE("identity: a history without one gets one, and keeps it") {
  const Claims claims;
  CHECK(claims.claim({"/a", 1, 10}) == "");
  const HistoryIdentity first = claims.identity();
  CHECK(first.id != 0);
  CHECK(claims.claim({"/a", 1, 10}) == "");
  CHECK(claims.claim({"/a", 2, 20}) == "");  // restored from a backup at the same place
  CHECK(claims.identity().id == first.id);
  CHECK(claims.identity().directory.inode == 2);
}

TEST_CASE("identity: a directory that was renamed is known by its inode") {
  const Claims claims;
  CHECK(claims.claim({"/a", 1, 10}) == "");
  const std::uint64_t id = claims.identity().id;
  CHECK(claims.claim({"/b", 1, 10}) == "the directory was /a before");
  CHECK(claims.identity().directory.path == "/b");
  CHECK(claims.identity().id == id);
  CHECK(claims.claim({"/b", 1, 10}) == "");
}

TEST_CASE("identity: the history of another directory is refused, or adopted") {
  const Claims claims;
  CHECK(claims.claim({"/a", 1, 0}) == "");
  const std::uint64_t id = claims.identity().id;
  CHECK(claims.claim({"/b", 1, 0}) == kOther);  // its inode proves nothing without a time
  CHECK(claims.claim({"/b", 2, 20}) == kOther);
  CHECK(claims.identity().directory.path == "/a");
  CHECK(claims.claim({"/b", 2, 20}, true) == "the history was adopted, it was that of /a before");
  CHECK(claims.identity().directory.path == "/b");
  CHECK(claims.identity().id != id);
}

TEST_CASE("identity: a directory takes along the history in it, and a copy is another one") {
  const test::TempDir temp;
  Env& env = posix_env();
  const auto claim = [&](const std::string& name) {
    const UniqueFd dir(::open(temp.file(name).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    REQUIRE(dir.valid());
    const auto done = claim_history(env, HistoryRoot{dir.get()}, {temp.file(name), 0, 0}, false);
    return done ? *done : "error " + std::to_string(static_cast<int>(done.error().code));
  };
  std::filesystem::create_directories(temp.file("a/.litetool"));
  CHECK(claim("a") == "");
  std::filesystem::copy(temp.file("a"), temp.file("copy"),
                        std::filesystem::copy_options::recursive);
  CHECK(claim("copy") == kOther);
  std::filesystem::rename(temp.file("a"), temp.file("b"));
  CHECK(claim("b") == "the directory was " + temp.file("a") + " before");
}

TEST_CASE("identity: whatever fails while it is written, the next start makes it whole") {
  for (std::uint64_t at = 1;; ++at) {
    const Claims claims;
    test::FaultEnv env(posix_env(), at, test::FaultEnv::Fault::kDiskFull);
    const auto done =
        claim_history(env, HistoryRoot{kCwd, claims.history, true}, {"/a", 1, 10}, false);
    INFO("effect " << at);
    CHECK(claims.claim({"/a", 1, 10}) == "");
    CHECK(claims.identity().id != 0);
    if (done) break;
    CHECK(done.error().code == Errc::kDiskFull);
  }
}

}  // namespace litetool
