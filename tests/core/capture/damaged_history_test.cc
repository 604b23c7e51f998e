// A damaged history never keeps a database from being captured: what is bad goes to quarantine, and
// the history goes on with a new base.
#include <catch2/catch.hpp>
#include <filesystem>

#include "core/history/history_reader.h"
#include "core/history/layout.h"
#include "tests/core/capture/run.h"
#include "tests/mount/truth.h"
#include "tests/support/sqlite_session.h"
#include "tests/support/temp_dir.h"

namespace litetool::test {
namespace {

constexpr const char* kDatabase = "app.db";

void change(const TempDir& temp, const std::string& sql) {
  SqliteSession session(temp.file(kDatabase));
  session.exec(sql);
}

std::string history_of(const TempDir& temp) {
  return temp.file(history_folder_of(kHistoryFolder, kDatabase));
}

HistoryReader reader_of(const TempDir& temp) {
  auto reader = HistoryReader::open(posix_env(), kCwd, history_of(temp));
  INFO((reader ? "" : reader.error().text()));
  REQUIRE(reader);
  return *std::move(reader);
}

// 900 bytes that do not compress, always the same: so each run damages the same bytes.
std::string blob() {
  std::string text = "x'";
  std::uint64_t state = 1;
  for (int i = 0; i < 900; ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    text += hex16(state).substr(0, 2);
  }
  return text + "'";
}

// A history of one base and three more transactions in one segment, as killed daemons leave it; the
// database has changed once more since.
void make_history(const TempDir& temp) {
  change(temp, "PRAGMA page_size=512; CREATE TABLE t(x); INSERT INTO t VALUES(" + blob() + ")");
  for (int i = 0; i < 4; ++i) {
    CHECK(Run(temp.path()).loaded());
    change(temp, "INSERT INTO t VALUES(" + std::to_string(i) + ")");
  }
}

std::string segment_of(const TempDir& temp) {
  return history_of(temp) + "/" + segment_name(Txid{1});
}

void flip(const std::string& path, std::size_t at) {
  Buffer bytes = read_file(path);
  REQUIRE(at < bytes.size());
  bytes[at] ^= std::byte{0x10};
  write_file(path, bytes);
}

std::size_t notes_in_quarantine(const TempDir& temp) {
  const std::string folder = history_of(temp) + "/" + std::string(kQuarantineFolder);
  if (!std::filesystem::exists(folder)) return 0;
  std::size_t notes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    notes += entry.path().extension() == ".note" ? 1 : 0;
  }
  return notes;
}

// Whatever was done to it, the history can be read, and its end is the database.
void check_sound(const TempDir& temp) {
  Run run(temp.path());
  REQUIRE(run.loaded());
  CHECK(run.status(kDatabase).state == CaptureState::kReady);
  const HistoryReader reader = reader_of(temp);
  REQUIRE_FALSE(reader.images().empty());
  CHECK(reader.chain_to(reader.images().back().max_txid));
  const bool same = state_at(temp.path(), kDatabase, reader.images().back().max_txid) ==
                    committed_bytes(temp.file(kDatabase));
  CHECK(same);
}

TEST_CASE("a damaged image goes to quarantine and a new base follows", "[history]") {
  const TempDir temp;
  make_history(temp);
  const std::vector<HistoryImage> before = reader_of(temp).images();
  REQUIRE(before.size() == 4);
  const std::vector<Buffer> states = states_in_history(temp.path(), kDatabase);
  std::size_t whole = 0;  // images before the damage

  SECTION("in the header of a later image") {
    whole = 1;
    flip(segment_of(temp), before[1].offset + 1);
  }
  SECTION("in a page that no later image has") {
    flip(segment_of(temp), before[0].size - 200);
  }
  {
    Run run(temp.path());
    REQUIRE(run.loaded());
    CHECK(run.warnings().size() == 3);  // damage, quarantine, the marked transaction
  }
  check_sound(temp);
  CHECK(notes_in_quarantine(temp) == 1);
  const std::vector<HistoryImage> after = reader_of(temp).images();
  REQUIRE(after.size() == whole + 1);
  // A transaction id is not given twice.
  CHECK(after.back().max_txid == before[3].max_txid.next());
  CHECK(after.back().is_snapshot());
  for (std::size_t i = 0; i < whole; ++i) {
    const bool stands = state_at(temp.path(), kDatabase, after[i].max_txid) == states[i];
    CHECK(stands);
  }
}

TEST_CASE("a history goes on when one of its files has vanished", "[history]") {
  const TempDir temp;
  make_history(temp);
  // Of its only file the last image is left.
  const HistoryImage last = reader_of(temp).images().back();
  const Buffer all = read_file(segment_of(temp));
  std::filesystem::remove(segment_of(temp));
  write_file(history_of(temp) + "/" + segment_name(last.max_txid),
             Bytes(all).subspan(last.offset, last.size));
  check_sound(temp);
  CHECK(notes_in_quarantine(temp) == 0);
  CHECK(reader_of(temp).images().back().max_txid == last.max_txid.next());
}

TEST_CASE("quarantine keeps what it has", "[history]") {
  const TempDir temp;
  make_history(temp);
  const Buffer segment = read_file(segment_of(temp));
  for (std::size_t i = 1; i <= 3; ++i) {
    // The same torn tail again and again.
    write_file(segment_of(temp), Bytes(segment).first(segment.size() - 3));
    CHECK(Run(temp.path()).loaded());
    CHECK(notes_in_quarantine(temp) == i);
  }
}

TEST_CASE("no flipped bit and no cut keeps a database from being captured", "[history]") {
  const TempDir temp;
  make_history(temp);
  const Buffer good = read_file(segment_of(temp));
  constexpr std::size_t kStep = 41;  // meets each part of an image
  const bool cut = GENERATE(false, true);
  for (std::size_t at = 0; at < good.size(); at += kStep) {
    INFO((cut ? "cut at " : "flipped at ") << at << " of " << good.size());
    std::filesystem::remove_all(history_of(temp));
    std::filesystem::create_directories(history_of(temp));
    write_file(segment_of(temp), cut ? Bytes(good).first(at) : Bytes(good));
    if (!cut) flip(segment_of(temp), at);
    check_sound(temp);
  }
}

TEST_CASE("foreign and empty files in place of a history are set aside", "[history]") {
  const TempDir temp;
  make_history(temp);
  SECTION("empty") {
    write_file(segment_of(temp), {});
  }
  SECTION("no LTX file") {
    write_file(segment_of(temp), Buffer(5000, std::byte{7}));
  }
  SECTION("a stray file beside it") {
    write_file(history_of(temp) + "/notes.txt", as_bytes("mine"));
  }
  check_sound(temp);
}

}  // namespace
}  // namespace litetool::test
