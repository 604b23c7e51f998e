// Prepared images: no reader takes one for a transaction, at no point of a kill is one anything
// but whole, prepared or torn.
#include "core/history/prepared_image.h"

#include <sys/wait.h>

#include <catch2/catch.hpp>

#include "core/history/history.h"
#include "core/history/history_reader.h"
#include "core/history/layout.h"
#include "tests/support/fault_env.h"
#include "tests/support/hooked_env.h"
#include "tests/support/temp_dir.h"

namespace litetool::test {
namespace {

constexpr std::uint32_t kPageSize = 512;
constexpr std::string_view kFolder = "history";

Buffer page_of(std::uint8_t fill) {
  return Buffer(kPageSize, std::byte{fill});
}

ltx::Header header_of(Pgno commit) {
  ltx::Header header;
  header.page_size = kPageSize;
  header.commit = commit;
  return header;
}

Checksum checksum_of(const std::vector<std::uint8_t>& fills) {
  Checksum sum = kEmptyDatabase;
  for (Pgno pgno = 1; pgno <= fills.size(); ++pgno) {
    sum = checksum_xor(sum, page_checksum(pgno, page_of(fills[pgno - 1])));
  }
  return sum;
}

// Adds page 1 with `fill` where the database is then `after`.
History::AddPages first_page(std::uint8_t fill, std::vector<std::uint8_t> after) {
  return [=](ltx::Encoder& encoder) -> Result<Checksum> {
    LT_TRY(encoder.add_page(1, page_of(fill)));
    return checksum_of(after);
  };
}

Result<History> open_history(Env& env, const TempDir& temp) {
  return History::open(env, kCwd, temp.file(std::string(kFolder)), 7, [](const std::string&) {},
                       {});
}

// A database of two pages, filled with 1 and 2.
History begin(Env& env, const TempDir& temp) {
  auto history = open_history(env, temp);
  REQUIRE(history);
  REQUIRE(history->append(header_of(2), true, [](ltx::Encoder& encoder) -> Result<Checksum> {
    LT_TRY(encoder.add_page(1, page_of(1)));
    LT_TRY(encoder.add_page(2, page_of(2)));
    return checksum_of({1, 2});
  }));
  REQUIRE(history->sync());
  return *std::move(history);
}

// And a prepared image of page 1 filled with 9.
History begin_and_prepare(Env& env, const TempDir& temp) {
  History history = begin(env, temp);
  REQUIRE(history.prepare(header_of(2), false, first_page(9, {9, 2})));
  REQUIRE(history.sync());
  return history;
}

std::vector<HistoryImage> seen_by_readers(const TempDir& temp) {
  const auto reader = HistoryReader::open(posix_env(), kCwd, temp.file(std::string(kFolder)));
  INFO((reader ? "" : reader.error().text()));
  REQUIRE(reader);
  return reader->images();
}

TEST_CASE("a prepared image is no transaction until it is confirmed", "[history]") {
  const TempDir temp;
  History history = begin(posix_env(), temp);
  const Pos before = history.pos();
  REQUIRE(history.prepare(header_of(2), false, first_page(9, {9, 2})));
  REQUIRE(history.sync());
  CHECK(history.pos() == before);
  REQUIRE(history.prepared());
  CHECK(history.prepared()->checksum == checksum_of({9, 2}));
  CHECK(seen_by_readers(temp).size() == 1);

  SECTION("confirmed") {
    const Pos promised = *history.prepared();
    REQUIRE(history.confirm());
    CHECK(history.pos() == promised);
    CHECK_FALSE(history.prepared());
    const auto images = seen_by_readers(temp);
    REQUIRE(images.size() == 2);
    CHECK(images.back().pos() == promised);
  }
  SECTION("discarded") {
    REQUIRE(history.discard());
    CHECK(history.pos() == before);
    CHECK(seen_by_readers(temp).size() == 1);
    CHECK(read_file(temp.file("history/" + segment_name(Txid{1}))).size() ==
          seen_by_readers(temp)[0].size);
  }
  SECTION("another image takes its place") {
    REQUIRE(history.append(header_of(2), false, first_page(5, {5, 2})));
    REQUIRE(history.flush());
    CHECK(history.pos().checksum == checksum_of({5, 2}));
    CHECK(seen_by_readers(temp).back().post_apply == checksum_of({5, 2}));
  }
}

TEST_CASE("a prepared image may be confirmed or cut off while somebody looks at it", "[history]") {
  const bool confirmed = GENERATE(true, false);
  for (int moment = 1;; ++moment) {
    const TempDir temp;
    History history = begin_and_prepare(posix_env(), temp);
    HookedEnv env;
    int reads = 0;
    env.on_read = [&](const std::string&, std::size_t) {
      if (++reads == moment) REQUIRE((confirmed ? history.confirm() : history.discard()));
    };
    const auto reader = HistoryReader::open(env, kCwd, temp.file(std::string(kFolder)));
    INFO("before read " << moment << (confirmed ? ": confirmed" : ": cut off"));
    INFO((reader ? "" : reader.error().text()));
    REQUIRE(reader);
    CHECK(reader->images().front().post_apply == checksum_of({1, 2}));
    CHECK(reader->images().size() <= 2);
    if (reads < moment) break;
  }
}

TEST_CASE("a prepared image is found when the history is opened again", "[history]") {
  const TempDir temp;
  begin_and_prepare(posix_env(), temp);
  auto again = open_history(posix_env(), temp);
  REQUIRE(again);
  CHECK(again->pos().txid == Txid{1});
  REQUIRE(again->prepared());
  CHECK(*again->prepared() == Pos{Txid{2}, checksum_of({9, 2})});
  CHECK(again->prepared_commit() == 2);
  const bool committed = GENERATE(true, false);
  REQUIRE((committed ? again->confirm() : again->discard()));
  REQUIRE(again->append(header_of(2), false, first_page(7, {7, 2})));
  REQUIRE(again->sync());
  const auto images = seen_by_readers(temp);
  REQUIRE(images.size() == (committed ? 3 : 2));
  for (std::size_t i = 1; i < images.size(); ++i) {
    CHECK(images[i].pre_apply == images[i - 1].post_apply);
  }
}

// The image behind it had its blocks, or the zeros behind the end of a file, when the power was
// cut: so the prepared one was confirmed, but that bit never reached the disk.
TEST_CASE("a prepared image is found before what a power cut left behind it", "[history]") {
  const TempDir temp;
  begin_and_prepare(posix_env(), temp);
  const std::string path = temp.file("history/" + segment_name(Txid{1}));
  const Buffer good = read_file(path);
  Buffer left = good;
  const std::size_t behind = GENERATE(1U, 50U, 120U);
  left.insert(left.end(), good.begin(), good.begin() + behind);  // an image begins like another
  if (GENERATE(true, false)) std::fill(left.end() - behind, left.end(), std::byte{0});
  write_file(path, left);
  CHECK(seen_by_readers(temp).size() == 1);
  const History::Before before{{}, GENERATE(true, false)};
  {
    auto again = History::open(
        posix_env(), kCwd, temp.file(std::string(kFolder)), 7, [](const std::string&) {}, before);
    REQUIRE(again);
    CHECK(again->pos().txid == Txid{1});
    REQUIRE(again->prepared());
    CHECK(*again->prepared() == Pos{Txid{2}, checksum_of({9, 2})});
    CHECK(read_file(path) == good);
    REQUIRE(again->confirm());
    REQUIRE(again->sync());
  }
  CHECK(seen_by_readers(temp).size() == 2);
}

TEST_CASE("a bit that fell over does not pass for a prepared image", "[history]") {
  const TempDir temp;
  begin_and_prepare(posix_env(), temp);
  const std::string path = temp.file("history/" + segment_name(Txid{1}));
  const Buffer good = read_file(path);
  const std::uint64_t from = seen_by_readers(temp)[0].size;
  for (std::uint64_t at = from; at < good.size(); ++at) {
    Buffer bad = good;
    bad[at] ^= std::byte{0x10};
    CHECK_FALSE(*find_prepared_image(MemorySource(bad), bad.size()));
  }
  // Cut anywhere, it is torn.
  for (std::uint64_t size = from; size < good.size(); ++size) {
    CHECK_FALSE(*find_prepared_image(MemorySource(Bytes(good).first(size)), size));
  }
}

TEST_CASE("killed at any effect, a history has all transactions or all but the last", "[history]") {
  for (std::uint64_t at = 1;; ++at) {
    const TempDir temp;
    { begin(posix_env(), temp); }
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      FaultEnv env(posix_env(), at, FaultEnv::Fault::kKill);
      auto history = open_history(env, temp);
      const bool ok = history && history->prepare(header_of(2), false, first_page(3, {3, 2})) &&
                      history->sync() && history->discard() &&
                      history->prepare(header_of(2), false, first_page(9, {9, 2})) &&
                      history->sync() && history->confirm();
      ::_exit(ok ? 0 : 1);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    INFO("killed at effect " << at);
    auto left = open_history(posix_env(), temp);
    REQUIRE(left);
    if (WEXITSTATUS(status) == 0) {
      CHECK(left->pos() == Pos{Txid{2}, checksum_of({9, 2})});
      REQUIRE(at > 5);
      break;
    }
    REQUIRE(WEXITSTATUS(status) == FaultEnv::kKilled);
    CHECK(left->pos() == Pos{Txid{1}, checksum_of({1, 2})});
    if (left->prepared()) {
      CHECK(left->prepared()->txid == Txid{2});
      REQUIRE(left->confirm());
      CHECK(seen_by_readers(temp).size() == 2);
    }
  }
}

}  // namespace
}  // namespace litetool::test
