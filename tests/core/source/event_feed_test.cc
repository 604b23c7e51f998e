// The transactions of a history as they come, and how much of it is read for that.
#include "core/source/event_feed.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <map>

#include "core/history/history.h"
#include "core/history/layout.h"
#include "tests/support/hooked_env.h"
#include "tests/support/temp_dir.h"

namespace litetool::test {
namespace {

// The history of a database of one page, in a history of its own.
class OneHistory {
 public:
  explicit OneHistory(Env& env) {
    const std::string folder = history_folder_of(temp_.path(), "app.db");
    auto opened = History::open(env, kCwd, folder, 7, [](const std::string&) {}, {});
    REQUIRE(opened);
    history_.emplace(*std::move(opened));
  }

  void commit(int n) {
    for (int i = 0; i < n; ++i) {
      const Buffer page(kMinPageSize, static_cast<std::byte>(++commits_));
      ltx::Header header;
      header.page_size = kMinPageSize;
      header.commit = 1;
      const auto add = [&](ltx::Encoder& encoder) -> Result<Checksum> {
        LT_TRY(encoder.add_page(1, page));
        return checksum_xor(kEmptyDatabase, page_checksum(1, page));
      };
      REQUIRE(history_->append(header, commits_ == 1, add));
    }
    REQUIRE(history_->flush());
  }
  void close_segment() { REQUIRE(history_->close_segment()); }
  const std::string& path() const { return temp_.path(); }

 private:
  const TempDir temp_;
  std::optional<History> history_;
  int commits_ = 0;
};

// "1 2 3"
std::string come(EventFeed& feed) {
  const auto events = feed.poll();
  REQUIRE(events);
  CHECK(feed.unreadable().empty());
  std::string text;
  for (const TransactionEvent& event : *events) {
    CHECK(event.database == "app.db");
    text += (text.empty() ? "" : " ") + std::to_string(event.image.max_txid.value);
  }
  return text;
}

Point back_from_latest(std::uint64_t back) {
  Point point;
  point.back = back;
  return point;
}

Point at_txid(std::uint64_t txid) {
  Point point;
  point.kind = Point::Kind::kTxid;
  point.txid = Txid{txid};
  return point;
}

TEST_CASE("events: what there is, then what comes") {
  OneHistory history(posix_env());
  history.commit(3);
  EventFeed all(Job{posix_env()}, history.path(), std::nullopt, std::nullopt);
  EventFeed latest(Job{posix_env()}, history.path(), std::nullopt, back_from_latest(0));
  EventFeed since_one(Job{posix_env()}, history.path(), std::nullopt, at_txid(1));
  EventFeed since_five(Job{posix_env()}, history.path(), std::nullopt, at_txid(5));
  CHECK(come(all) == "1 2 3");
  CHECK(come(latest).empty());
  CHECK(come(since_one) == "2 3");
  CHECK(come(since_five).empty());
  EventFeed two(Job{posix_env()}, history.path(), std::nullopt, back_from_latest(2));
  CHECK(come(two) == "2 3");
  CHECK(come(all).empty());
  history.close_segment();
  history.commit(4);
  for (EventFeed* feed : {&all, &latest, &since_one, &two}) {
    CHECK(come(*feed) == "4 5 6 7");
    CHECK(come(*feed).empty());
  }
  CHECK(come(since_five) == "6 7");
}

TEST_CASE("events: only the file with what has come is read") {
  HookedEnv env;
  OneHistory history(posix_env());
  for (int segment = 0; segment < 3; ++segment) {
    history.commit(200);
    history.close_segment();
  }
  std::map<std::string, std::size_t> bytes_read;
  env.on_read = [&](const std::string& path, std::size_t n) {
    bytes_read[std::filesystem::path(path).filename()] += n;
  };
  const bool all = GENERATE(false, true);
  const auto since = all ? std::nullopt : std::optional(back_from_latest(0));
  EventFeed feed(Job{env}, history.path(), std::nullopt, since);
  CHECK(come(feed).empty() != all);
  CHECK(bytes_read.size() == (all ? 3 : 1));
  bytes_read.clear();
  history.commit(2);
  CHECK(come(feed) == "601 602");
  // That it follows on from the file before it shows in that one's last image.
  CHECK(bytes_read.size() == 2);
  bytes_read.clear();
  history.commit(1);
  CHECK(come(feed) == "603");
  CHECK(bytes_read.size() == 1);
}

// A disk on which files are gone when they are opened, as many times as asked for.
class LosingEnv : public HookedEnv {
 public:
  Result<std::unique_ptr<File>> open(int dir, const std::string& path, OpenMode how,
                                     unsigned mode) override {
    if (losses > 0 && path.ends_with(kSegmentSuffix)) {
      --losses;
      return Error::from_errno(ENOENT, "open " + path);
    }
    return HookedEnv::open(dir, path, how, mode);
  }
  int losses = 0;
};

TEST_CASE("events: a file that compaction takes away loses none of them") {
  LosingEnv env;
  OneHistory history(posix_env());
  history.commit(3);
  EventFeed all(Job{env}, history.path(), std::nullopt, std::nullopt);
  EventFeed latest(Job{env}, history.path(), std::nullopt, back_from_latest(0));
  SECTION("once") {
    env.losses = 1;
    CHECK(come(all) == "1 2 3");
    env.losses = 1;
    CHECK(come(latest).empty());
  }
  SECTION("for good") {
    for (EventFeed* feed : {&all, &latest}) {
      env.losses = 1'000'000;
      const auto events = feed->poll();
      REQUIRE(events);
      CHECK(events->empty());
      CHECK(feed->unreadable().contains("app.db"));
    }
  }
  env.losses = 0;
  history.commit(1);
  (void)all.poll();
  history.commit(1);
  CHECK(come(all) == "5");
}

TEST_CASE("events: a history that cannot be read at first begins where it was asked to") {
  LosingEnv env;
  OneHistory history(posix_env());
  history.commit(3);
  EventFeed since(Job{env}, history.path(), std::nullopt, at_txid(2));
  env.losses = 1'000'000;
  REQUIRE(since.poll());
  env.losses = 0;
  CHECK(come(since) == "3");
}

}  // namespace
}  // namespace litetool::test
