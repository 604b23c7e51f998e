// Retention carried out on real files: every point that is to be kept can be had, byte for byte,
// after each round, after a death at each effect, and beside a mount that goes on appending.
#include "core/history/compaction.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "core/history/history.h"
#include "core/history/history_reader.h"
#include "core/history/image_walk.h"
#include "core/history/layout.h"
#include "core/history/replay.h"
#include "core/source/history_summary.h"
#include "tests/support/fault_env.h"
#include "tests/support/temp_dir.h"

namespace litetool::test {
namespace {

constexpr std::uint32_t kPageSize = 512;
constexpr std::int64_t kHour = 3'600'000;
constexpr std::int64_t kDay = 24 * kHour;

// The real disk, at a time of our choosing.
class ClockEnv : public FaultEnv {
 public:
  using FaultEnv::FaultEnv;
  std::int64_t now_ms() override { return now; }
  std::int64_t now = 1'800'000'000'000;
};

// A history, and what the database was at each transaction.
class Recorded {
 public:
  explicit Recorded(ClockEnv& env) : env_(env), folder_(temp_.file("h")) {
    auto opened = History::open(env, kCwd, folder_, 7, [](const std::string&) {}, {});
    REQUIRE(opened);
    history_.emplace(*std::move(opened));
  }

  // A transaction that changes two pages, and the size now and then; `whole`: as a snapshot.
  void commit(bool whole = false) {
    const auto n = static_cast<unsigned>(states_.size() + 1);
    std::vector<std::uint8_t> next = states_.empty() ? std::vector<std::uint8_t>(4) : last();
    if (n % 7 == 0) next.resize(next.size() % 9 + 3);
    next[0] = static_cast<std::uint8_t>(n);
    next[n % next.size()] = static_cast<std::uint8_t>(n * 13);
    const std::vector<std::uint8_t> before = states_.empty() ? std::vector<std::uint8_t>() : last();
    whole = whole || before.empty();
    ltx::Header header;
    header.page_size = kPageSize;
    header.commit = static_cast<Pgno>(next.size());
    REQUIRE(history_->append(header, whole, [&](ltx::Encoder& encoder) -> Result<Checksum> {
      for (Pgno pgno = 1; pgno <= next.size(); ++pgno) {
        const bool same = pgno <= before.size() && before[pgno - 1] == next[pgno - 1];
        if (same && !whole) continue;
        LT_TRY(encoder.add_page(pgno, page(next[pgno - 1])));
      }
      return checksum(next);
    }));
    REQUIRE(history_->flush());
    states_.push_back(next);
  }
  void commit_for(std::int64_t time_ms, std::int64_t step_ms) {
    for (std::int64_t done = 0; done < time_ms; done += step_ms) {
      commit();
      env_.now += step_ms;
    }
  }

  void close_segment() { REQUIRE(history_->close_segment()); }

  CompactionPlace place() const {
    return {kCwd, folder_, [this] { return std::optional(history_->appended_segment()); }};
  }
  std::set<Txid> kept(const RetentionPolicy& policy) const {
    const auto outlook = look_ahead(Job{env_}, place(), policy);
    REQUIRE(outlook);
    std::set<Txid> points;
    for (Txid point{1}; point <= newest(); point = point.next()) {
      if (outlook->kept.contains(point)) points.insert(point);
    }
    CHECK(points.size() == outlook->kept.size());
    check_rule(points, policy, outlook->tagged);
    return points;
  }

  // What is said to be kept is what the rule says of each image there is.
  void check_rule(const std::set<Txid>& points, const RetentionPolicy& policy,
                  const std::set<Txid>& tagged) const {
    const auto reader = HistoryReader::open(posix_env(), kCwd, folder_);
    REQUIRE(reader);
    KeepRule rule(policy, tagged, env_.now_ms());
    std::set<Txid> expected;
    for (auto image = reader->images().rbegin(); image != reader->images().rend(); ++image) {
      if (rule.keeps(*image)) expected.insert(image->max_txid);
    }
    CHECK(points == expected);
  }

  void check_point(Txid txid) const {
    INFO("transaction " << txid.text());
    const auto reader = HistoryReader::open(posix_env(), kCwd, folder_);
    INFO((reader ? "" : reader.error().text()));
    REQUIRE(reader);
    const auto chain = reader->chain_to(txid);
    INFO((chain ? "" : chain.error().text()));
    REQUIRE(chain);
    const std::vector<std::uint8_t>& truth = states_[txid.value - 1];
    std::size_t wrong = 0;
    const Status done = replay(*reader, *chain, [&](Pgno pgno, Bytes bytes, Checksum) -> Status {
      if (Buffer(bytes.begin(), bytes.end()) != page(truth[pgno - 1])) ++wrong;
      return {};
    });
    INFO((done ? "" : done.error().text()));
    REQUIRE(done);
    CHECK(wrong == 0);
    CHECK(chain->back().commit == truth.size());
  }
  void check_points(const std::set<Txid>& points) const {
    for (const Txid txid : points) check_point(txid);
  }

  Txid newest() const { return Txid{states_.size()}; }
  const std::string& folder() const { return folder_; }
  void tag(Txid txid) const {
    std::ofstream(folder_ + "/tags", std::ios::app)
        << txid.text() << " 1 release-" << txid.value << "\n";
  }
  std::size_t files() const { return history_files(posix_env(), kCwd, folder_)->size(); }

 private:
  const std::vector<std::uint8_t>& last() const { return states_.back(); }
  static Buffer page(std::uint8_t fill) { return Buffer(kPageSize, std::byte{fill}); }
  static Checksum checksum(const std::vector<std::uint8_t>& fills) {
    Checksum sum = kEmptyDatabase;
    for (Pgno pgno = 1; pgno <= fills.size(); ++pgno) {
      sum = checksum_xor(sum, page_checksum(pgno, page(fills[pgno - 1])));
    }
    return sum;
  }

  ClockEnv& env_;
  const TempDir temp_;
  std::string folder_;
  std::optional<History> history_;
  std::vector<std::vector<std::uint8_t>> states_;
};

TEST_CASE("weeks of a history, a round a day", "[history]") {
  ClockEnv env(posix_env(), 0, FaultEnv::Fault::kDiskFull);
  Recorded recorded(env);
  const RetentionPolicy policy{.every_for_ms = kDay,
                               .minutes_for_ms = 2 * kDay,
                               .hours_for_ms = 6 * kDay,
                               .file_size = 4096};
  const Job job{env, 1};
  for (int day = 0; day < 14; ++day) {
    recorded.commit_for(kDay, kHour / 2 + 1000);
    if (day == 3) recorded.tag(recorded.newest());
    const auto kept = recorded.kept(policy);
    const auto report = compact_history(job, recorded.place(), policy);
    INFO((report ? "" : report.error().text()));
    REQUIRE(report);
    recorded.check_points(kept);
    env.now += policy.grace_ms;
  }
  REQUIRE(compact_history(job, recorded.place(), policy));
  const auto reader = HistoryReader::open(posix_env(), kCwd, recorded.folder());
  REQUIRE(reader);
  // Of 14 days with 47 transactions each.
  CHECK(reader->images().size() < 14 * 47 - 200);
  CHECK(std::ranges::all_of(
      reader->images(), [&](const HistoryImage& i) { return reader->chain_to(i.max_txid).ok(); }));
}

TEST_CASE("a round after a long time moves the base and merges at once", "[history]") {
  ClockEnv env(posix_env(), 0, FaultEnv::Fault::kDiskFull);
  Recorded recorded(env);
  const RetentionPolicy policy{.every_for_ms = kDay,
                               .minutes_for_ms = 2 * kDay,
                               .hours_for_ms = 12 * kDay,
                               .file_size = 64 * 1024};
  const Job job{env, 1};
  const auto days = [&](int count) {
    for (int day = 0; day < count; ++day) {
      recorded.commit_for(kDay, 2 * kHour + 1000);
      recorded.close_segment();
    }
  };
  days(20);
  REQUIRE(compact_history(job, recorded.place(), policy));
  env.now += policy.grace_ms;
  days(14);
  const auto report = compact_history(job, recorded.place(), policy);
  INFO((report ? "" : report.error().text()));
  REQUIRE(report);
  CHECK(report->new_base > Txid{100});
  CHECK(report->files_written == 2);
  const auto kept = recorded.kept(policy);
  recorded.check_points(kept);
  env.now += policy.grace_ms;
  REQUIRE(compact_history(job, recorded.place(), policy));
  recorded.check_points(recorded.kept(policy));
}

TEST_CASE("a walk goes on in the files that have replaced those it was on its way to",
          "[history]") {
  ClockEnv env(posix_env(), 0, FaultEnv::Fault::kDiskFull);
  Recorded recorded(env);
  const RetentionPolicy policy{.file_size = 64 * 1024};
  const Job job{env, 1};
  for (int i = 0; i < 20; ++i) {
    for (int j = 0; j < 3; ++j) recorded.commit();
    recorded.close_segment();
  }
  auto walk = ImageWalk::open(job, recorded.folder());
  REQUIRE(walk);
  REQUIRE(walk->next_step());
  REQUIRE(compact_history(job, recorded.place(), policy));
  env.now += policy.grace_ms;
  const auto report = compact_history(job, recorded.place(), policy);
  REQUIRE(report);
  REQUIRE(report->files_removed > 10);
  for (std::uint64_t txid = 59; txid > 0; --txid) {
    INFO(txid);
    const auto image = walk->next_step();
    INFO((image ? "" : image.error().text()));
    REQUIRE(image);
    REQUIRE(*image);
    CHECK((*image)->max_txid == Txid{txid});
  }
  const auto end = walk->next_step();
  REQUIRE(end);
  CHECK_FALSE(*end);
}

TEST_CASE("nothing is merged over transactions that are missing", "[history]") {
  ClockEnv env(posix_env(), 0, FaultEnv::Fault::kDiskFull);
  Recorded recorded(env);
  for (int i = 0; i < 20; ++i) {
    for (int j = 0; j < 3; ++j) recorded.commit();
    recorded.close_segment();
  }
  const std::string damaged = recorded.folder() + "/" + segment_name(Txid{31});
  std::filesystem::resize_file(damaged, std::filesystem::file_size(damaged) - 20);
  const auto before = recorded.files();
  const auto report = compact_history(Job{env, 1}, recorded.place(), RetentionPolicy{});
  REQUIRE_FALSE(report);
  CHECK(report.error().code == Errc::kBrokenChain);
  CHECK(recorded.files() == before);
}

TEST_CASE("a minute with thousands of transactions becomes one step", "[history]") {
  ClockEnv env(posix_env(), 0, FaultEnv::Fault::kDiskFull);
  Recorded recorded(env);
  const RetentionPolicy policy{.every_for_ms = kDay, .minutes_for_ms = 10 * kDay};
  recorded.commit_for(7000 * 5, 5);
  recorded.close_segment();
  env.now += 2 * kDay;
  const auto kept = recorded.kept(policy);
  CHECK(kept.size() <= 2);
  const auto report = compact_history(Job{env, 1}, recorded.place(), policy);
  INFO((report ? "" : report.error().text()));
  REQUIRE(report);
  CHECK(report->files_written > 0);
  recorded.check_points(kept);
  env.now += policy.grace_ms;
  REQUIRE(compact_history(Job{env, 1}, recorded.place(), policy));
  const auto reader = HistoryReader::open(posix_env(), kCwd, recorded.folder());
  REQUIRE(reader);
  CHECK(reader->images().size() <= 3);
  recorded.check_points(kept);
  for (const std::string& file : reader->files()) {
    INFO(file);
    CHECK((posix_env().stat(kCwd, file)->st_mode & 077) == 0);
  }
}

TEST_CASE("of what is kept in whole no point is listed", "[history]") {
  ClockEnv env(posix_env(), 0, FaultEnv::Fault::kDiskFull);
  Recorded recorded(env);
  recorded.commit_for(kDay, kHour);
  const RetentionPolicy policy{.every_for_ms = kDay};
  auto outlook = look_ahead(Job{env}, recorded.place(), policy);
  REQUIRE(outlook);
  CHECK(outlook->kept.listed.empty());
  CHECK(outlook->kept.every_from == Txid{1});
  CHECK(outlook->kept.every_count == 24);
  CHECK(outlook->points == 24);
  env.now += kHour;
  outlook = look_ahead(Job{env}, recorded.place(), policy);
  REQUIRE(outlook);
  CHECK(outlook->kept.size() == 24);
  CHECK(outlook->kept.listed.size() == 24);
}

TEST_CASE("a snapshot is no reason to write a file again and again", "[history]") {
  ClockEnv env(posix_env(), 0, FaultEnv::Fault::kDiskFull);
  Recorded recorded(env);
  recorded.commit();
  recorded.tag(recorded.newest());
  recorded.close_segment();
  // The first of these two is no point that stays, and yet nothing is merged into the second.
  for (const bool whole : {false, true}) recorded.commit(whole);
  recorded.close_segment();
  env.now += 4 * kDay;
  recorded.commit();
  const RetentionPolicy policy{.every_for_ms = kHour, .file_size = 1};
  CompactionReport last;
  for (int round = 0; round < 3; ++round) {
    const auto kept = recorded.kept(policy);
    const auto done = compact_history(Job{env}, recorded.place(), policy);
    REQUIRE(done);
    last = *done;
    recorded.check_points(kept);
    env.now += policy.grace_ms;
  }
  CHECK(last.files_written == 0);
  CHECK(last.files_removed == 0);
}

TEST_CASE("a minute has one point, also where a part of it is kept in whole", "[history]") {
  ClockEnv env(posix_env(), 0, FaultEnv::Fault::kDiskFull);
  Recorded recorded(env);
  recorded.commit_for(5000, 1000);
  recorded.close_segment();
  const std::int64_t part = env.now;
  recorded.commit_for(5000, 1000);
  env.now = part + kHour;
  CHECK(recorded.kept({.every_for_ms = kHour}).size() == 5);
  env.now += 60'000;
  CHECK(recorded.kept({.every_for_ms = kHour}).size() == 1);
}

TEST_CASE("a point lasts when no file has replaced the one it is in", "[history]") {
  ClockEnv env(posix_env(), 0, FaultEnv::Fault::kDiskFull);
  Recorded recorded(env);
  recorded.commit_for(5 * kDay, kHour / 2 + 1000);
  env.now += kDay;
  const RetentionPolicy policy{.every_for_ms = kHour, .minutes_for_ms = kHour, .file_size = 16384};
  const auto kept = recorded.kept(policy);
  REQUIRE(compact_history(Job{env}, recorded.place(), policy));
  const auto reader = HistoryReader::open(posix_env(), kCwd, recorded.folder());
  REQUIRE(reader);
  std::size_t merged = 0;
  for (Txid point{1}; point <= recorded.newest(); point = point.next()) {
    INFO("transaction " << point.text());
    const auto lasts = point_lasts(env, recorded.place(), point);
    REQUIRE(lasts);
    CHECK((*lasts || !kept.contains(point)));
    // For a while it can still be had.
    CHECK(reader->chain_to(point));
    if (!*lasts) ++merged;
  }
  CHECK(merged > 50);
  const auto outlook = look_ahead(Job{env}, recorded.place(), policy);
  REQUIRE(outlook);
  CHECK(outlook->points == recorded.newest().value - merged);
  const auto summary = summarize_history(posix_env(), recorded.folder(), Look::kEnds);
  REQUIRE(summary);
  CHECK(summary->images == outlook->points);
  REQUIRE(summary->last);
  CHECK(summary->last->max_txid == recorded.newest());
  const auto later = point_lasts(env, recorded.place(), recorded.newest().next());
  REQUIRE(later);
  CHECK_FALSE(*later);
}

TEST_CASE("a tag holds its point, and what lies before it goes", "[history]") {
  ClockEnv env(posix_env(), 0, FaultEnv::Fault::kDiskFull);
  Recorded recorded(env);
  recorded.commit_for(4 * kDay, kHour);
  const Txid tagged{70};
  recorded.tag(tagged);
  recorded.commit_for(4 * kDay, kHour);
  env.now += 60 * kDay;
  recorded.commit();
  const RetentionPolicy policy{.file_size = 2048};
  for (int round = 0; round < 4; ++round) {
    REQUIRE(compact_history(Job{env, 1}, recorded.place(), policy));
    env.now += policy.grace_ms;
    recorded.check_point(tagged);
    recorded.check_point(recorded.newest());
  }
  CHECK(recorded.files() <= 4);
}

TEST_CASE("a tag that is made in the middle of a round holds its point", "[history]") {
  // Makes a tag just before what the round has written takes its place.
  class TaggingEnv : public ClockEnv {
   public:
    using ClockEnv::ClockEnv;
    Status rename(int dir, const std::string& from, const std::string& to) override {
      if (recorded != nullptr && ++renames == at) recorded->tag(Txid{30});
      return ClockEnv::rename(dir, from, to);
    }
    const Recorded* recorded = nullptr;
    int at = 0;
    int renames = 0;
  };
  for (int at = 1, renames = 1; at <= renames; ++at) {
    TaggingEnv env(posix_env(), 0, FaultEnv::Fault::kDiskFull);
    Recorded recorded(env);
    recorded.commit_for(5 * kDay, kHour);
    env.now += 5 * kDay;
    recorded.commit();
    const RetentionPolicy policy{.every_for_ms = kHour,
                                 .minutes_for_ms = kHour,
                                 .hours_for_ms = 6 * kDay,
                                 .file_size = 8192};
    env.recorded = &recorded;
    env.at = at;
    REQUIRE(compact_history(Job{env, 1}, recorded.place(), policy));
    renames = env.renames;
    for (int round = 0; round < 4; ++round) {
      env.now += policy.grace_ms;
      REQUIRE(compact_history(Job{env, 1}, recorded.place(), policy));
    }
    INFO("rename " << at << " of " << renames);
    const auto lasts = point_lasts(env, recorded.place(), Txid{30});
    REQUIRE(lasts);
    // Where it was merged away before the tag was made, whoever makes the tag is told.
    if (*lasts) recorded.check_point(Txid{30});
    CHECK((*lasts || at > 1));
    recorded.check_point(recorded.newest());
  }
}

TEST_CASE("a death at any effect of a round loses no point that is kept", "[history][crash]") {
  bool ended = false;
  for (std::uint64_t at = 1; !ended; ++at) {
    INFO("effect " << at);
    REQUIRE(at < 500);
    ClockEnv clock(posix_env(), 0, FaultEnv::Fault::kDiskFull);
    Recorded recorded(clock);
    recorded.commit_for(5 * kDay, 3 * kHour);
    clock.now += 8 * kDay;
    recorded.commit();
    const RetentionPolicy policy{.every_for_ms = kHour,
                                 .minutes_for_ms = kHour,
                                 .hours_for_ms = 10 * kDay,
                                 .grace_ms = -1'000'000'000'000,
                                 .file_size = 1024};
    const auto kept = recorded.kept(policy);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      ClockEnv env(posix_env(), at, FaultEnv::Fault::kKill);
      env.now = clock.now;
      for (int round = 0; round < 2; ++round) {
        if (!compact_history(Job{env, 1}, recorded.place(), policy)) ::_exit(1);
      }
      ::_exit(0);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    REQUIRE((WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == FaultEnv::kKilled));
    ended = WEXITSTATUS(status) == 0;
    recorded.check_points(kept);
    REQUIRE(compact_history(Job{clock, 1}, recorded.place(), policy));
    recorded.check_points(kept);
    recorded.commit();
    recorded.check_point(recorded.newest());
  }
}

TEST_CASE("a full disk in a round leaves the history as it is", "[history]") {
  bool ended = false;
  for (std::uint64_t at = 1; !ended; ++at) {
    ClockEnv clock(posix_env(), 0, FaultEnv::Fault::kDiskFull);
    Recorded recorded(clock);
    recorded.commit_for(3 * kDay, 3 * kHour);
    clock.now += 8 * kDay;
    recorded.commit();
    const RetentionPolicy policy{.every_for_ms = kHour, .minutes_for_ms = kHour};
    const auto kept = recorded.kept(policy);
    ClockEnv env(posix_env(), at, FaultEnv::Fault::kDiskFull);
    env.now = clock.now;
    ended = compact_history(Job{env, 1}, recorded.place(), policy).ok();
    recorded.check_points(kept);
  }
}

TEST_CASE("while it is not known what is appended to, nothing is done", "[history]") {
  ClockEnv env(posix_env(), 0, FaultEnv::Fault::kDiskFull);
  Recorded recorded(env);
  recorded.commit_for(5 * kDay, 3 * kHour);
  env.now += 90 * kDay;
  CompactionPlace place = recorded.place();
  place.open_segment = [] { return std::nullopt; };
  const auto report = compact_history(Job{env, 1}, place, {});
  REQUIRE(report);
  CHECK(report->files_written == 0);
  CHECK(report->files_removed == 0);
}

TEST_CASE("tags that cannot be read are named", "[history]") {
  ClockEnv env(posix_env(), 0, FaultEnv::Fault::kDiskFull);
  Recorded recorded(env);
  recorded.commit();
  std::ofstream(recorded.folder() + "/tags") << "not a tag\n";
  const auto report = compact_history(Job{env, 1}, recorded.place(), {});
  REQUIRE_FALSE(report);
  CHECK(report.error().code == Errc::kCorrupt);
  CHECK(report.error().text().find("tags") != std::string::npos);
}

}  // namespace
}  // namespace litetool::test
